// Owns a page of the documentation as a test sees it: its fenced blocks, where its links lead, the options it names; and a reader
// who follows it.

import { execFile } from "node:child_process";
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, normalize } from "node:path";
import { promisify } from "node:util";
import { goCache, ownProgram, projectRoot } from "./paths.ts";

const execute = promisify(execFile);

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

/**
 * A reader's own directory, in which a page is followed: dlrpc is on the PATH, the headers are in protocol/, and npm has
 * installed dlrpc and what pages import.
 */
export class Reader implements Disposable {
  /** Canonical. */
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-reader-")));
  readonly env: NodeJS.ProcessEnv;

  constructor() {
    const bin = join(this.path, "bin");
    mkdirSync(bin);
    const script = `#!/bin/sh\nexec ${ownProgram.map((part) => `'${part}'`).join(" ")} "$@"\n`;
    writeFileSync(join(bin, "dlrpc"), script, { mode: 0o755 });
    this.env = { ...process.env, HOME: this.path, GOCACHE: goCache, PATH: `${bin}${delimiter}${process.env.PATH}` };
    symlinkSync(join(projectRoot, "protocol"), join(this.path, "protocol"));
    mkdirSync(join(this.path, "node_modules"));
    const installed = { dlrpc: ".", "vscode-jsonrpc": "node_modules/vscode-jsonrpc" };
    for (const [name, from] of Object.entries(installed))
      symlinkSync(join(projectRoot, from), join(this.path, "node_modules", name));
  }

  /** Makes the files that the page shows under a name. */
  copy(page: Page): void {
    for (const { file, code } of page.blocks) if (file !== undefined) this.write(file, code);
  }

  write(file: string, text: string | Uint8Array): void {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 }); // which nobody else may write to
    writeFileSync(path, text, { mode: 0o644 });
  }

  /** Runs lines as a shell does, of which each has to succeed. @returns all that they print to stdout */
  async run(lines: string): Promise<string> {
    return (await execute("sh", ["-euc", lines], { cwd: this.path, env: this.env })).stdout;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}
