// Owns a page of the documentation as a test sees it: its fenced blocks, where its links lead, and the options it names.

import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { projectRoot } from "./paths.ts";

export interface Block {
  readonly language: string;
  readonly code: string;
  /** The file that it is to become, where the line before the block says so: `FILE`: */
  readonly file: string | undefined;
}

export interface Link {
  /** Relative to the project. */
  readonly path: string;
  readonly anchor: string | undefined;
}

export class Page {
  /** Relative to the project. */
  readonly path: string;
  readonly text: string;

  constructor(path: string) {
    this.path = path;
    this.text = readFileSync(join(projectRoot, path), "utf8");
  }

  get blocks(): Block[] {
    const found = this.text.matchAll(/(?:`([^`\n]+)`:\n\n)?^```(\w*)\n(.*?)^```$/gms);
    return [...found].map(([, file, language = "", code = ""]) => ({ language, code, file }));
  }

  /** The code of all blocks in a language, in their order. */
  code(language: string): string[] {
    return this.blocks.flatMap((block) => (block.language === language ? [block.code] : []));
  }

  /** All but the fenced blocks. */
  get prose(): string {
    return this.text.replaceAll(/^```.*?^```$/gms, "");
  }

  /** What stands between backticks in prose, on one line each. */
  get spans(): string[] {
    return [...this.prose.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span.replaceAll(/\s+/g, " "));
  }

  /** Commands that begin with dlrpc: in blocks for a shell, line by line as a shell joins them, and in prose. */
  get commands(): string[] {
    const lines = this.code("sh").flatMap((code) => code.replaceAll("\\\n", " ").split("\n"));
    return [...lines, ...this.spans].flatMap((line) => /(?:^|\| )(dlrpc .*)/.exec(line)?.[1] ?? []);
  }

  /** Links within the repository. */
  get links(): Link[] {
    return [...this.prose.matchAll(/\]\(([^)\s#:]*)(?:#([^)\s]+))?\)/g)].map(([, to = "", anchor]) => ({
      path: to === "" ? this.path : normalize(join(dirname(this.path), to)),
      anchor,
    }));
  }

  /** The anchors of its headings, as GitHub makes them. */
  get anchors(): string[] {
    return [...this.prose.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    );
  }
}

export const pages: readonly Page[] = [
  "README.md",
  "CONTRIBUTING.md",
  ...globSync("docs/*.md", { cwd: projectRoot }).sort(),
].map((path) => new Page(path));
