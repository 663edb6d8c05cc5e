// Owns docs/protocol.md, an index of the rules of SPEC.md, one line each, and docs/rules, a page a section: what shows each rule.
// `npm run docs` writes them; a test fails where that was forgotten.

import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Citation, citations } from "./citations.ts";
import { methods } from "./methods.ts";

const pluginMethods = Object.keys(methods).filter((name) => name.startsWith("plugin/"));

const introduction = `# The protocol, an index

<!-- \`npm run docs\` has written this page, from protocol/SPEC.md, tests and transcripts. -->

A host writes JSON-RPC 2.0 to dlrpc's stdin and reads it from its stdout, a message a line, as in MCP, or behind headers, as in
LSP. ${pluginMethods.map((name) => `\`${name}\``).join(", ")};
optionally \`initialize\` first; \`shutdown\` and \`exit\`, or simply the end of stdin, last. All of it is in
[SPEC.md](../protocol/SPEC.md), for people, and in [openrpc.json](../protocol/openrpc.json), for machines: \`rpc.discover\` gives the latter. Every error has a stable \`data.kind\`, and a hint what to do about it
([troubleshooting.md](troubleshooting.md)).

Whoever writes a server of this protocol, or a plugin host that behaves so, can try it against the
[transcripts](../protocol/conformance/README.md): \`dlrpc conformance -- COMMAND\`.

Each rule has a number, which tests cite and which does not change. Here is how each begins; the rest of it is in its section,
and what shows it behind the link at its end. Rules for MCP have the letter G, and are in [mcp.md](mcp.md#rules).`;

interface Rule {
  readonly number: string;
  readonly words: string;
}

interface Section {
  /** As in SPEC.md, with its number where it has one. */
  readonly title: string;
  readonly rules: readonly Rule[];
}

function sectionsOf(specification: string): Section[] {
  const sections = specification.split(/^(?=##+ )/m).map((text) => {
    const found = `${text}\n\n`.matchAll(/^- \*\*([A-Z]\d+)\*\* (?:\*\(added\)\* )?(.*?)(?=\n- |\n\n)/gms);
    const rules = [...found].map(([, number = "", words = ""]) => ({ number, words }));
    return { title: /^##+ (.*)$/m.exec(text)?.[1] ?? "", rules };
  });
  return sections.filter(({ rules }) => rules.length > 0);
}

/** The pages as they stand in the repository, by their paths. */
export function rulePages(specification: string): ReadonlyMap<string, string> {
  const shownBy = Map.groupBy(citations(), ({ rule }) => rule);
  const sections = sectionsOf(specification);
  return new Map([
    ["docs/protocol.md", indexText(sections, shownBy)],
    ...sections.map((section) => [pathOf(section), sectionText(section, shownBy)] as const),
  ]);
}

type ShownBy = ReadonlyMap<string, readonly Citation[]>;

function indexText(sections: readonly Section[], shownBy: ShownBy): string {
  const parts = sections.map((section) => {
    const rows = section.rules.map(({ number, words }) => {
      const shown = `[${countText(shownBy.get(number) ?? [])}](rules/${slugOf(section)}.md#${number.toLowerCase()})`;
      return `- **${number}** ${firstSentence(words, "../protocol/")} ${shown}`;
    });
    return `## [${bareTitle(section)}](../protocol/SPEC.md#${anchorOf(section.title)})\n\n${rows.join("\n")}`;
  });
  return `${[introduction, ...parts].join("\n\n")}\n`;
}

function countText(cited: readonly Citation[]): string {
  const transcripts = cited.filter(({ file }) => file.startsWith("protocol/")).length;
  return `${counted(transcripts, "transcript")}, ${counted(cited.length - transcripts, "test")}`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

function sectionText(section: Section, shownBy: ShownBy): string {
  const introduction = `# ${bareTitle(section)}: what shows its rules

<!-- \`npm run docs\` has written this page, from protocol/SPEC.md, tests and transcripts. -->

For each rule of [its section](../../protocol/SPEC.md#${anchorOf(section.title)}), by their names, the transcripts of
[the conformance suite](../../protocol/conformance/README.md) and the tests that cite it; a title may stand for several tests.
[All rules](../protocol.md).`;
  const rules = section.rules.map(({ number, words }) => {
    const byFile = Map.groupBy(shownBy.get(number) ?? [], ({ file }) => file);
    const files = [...byFile].map(([file, cited]) => {
      const names = [...new Set(cited.map(({ name }) => `  - ${plainText(name)}`))];
      return `- [${file}](../../${file})\n${names.join("\n")}`;
    });
    return `## ${number}\n\n${firstSentence(words, "../../protocol/")}\n\n${files.join("\n")}`;
  });
  return `${[introduction, ...rules].join("\n\n")}\n`;
}

/** A name as it is written in a source, as Markdown that reads the same; what is filled in there is left open. */
function plainText(name: string): string {
  const shown = name.replaceAll(/\\(["'`])/g, "$1").replaceAll(/\$\{[^}]*\}/g, "…");
  const pieces = shown.split(/(`[^`]*`)/);
  return pieces.map((piece, i) => (i % 2 === 1 ? piece : piece.replaceAll(/[\\*_<[\]]/g, "\\$&"))).join("");
}

const bareTitle = ({ title }: Section): string => title.replace(/^\d+ /, "");

const slugOf = (section: Section): string =>
  bareTitle(section)
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, "-");

const pathOf = (section: Section): string => `docs/rules/${slugOf(section)}.md`;

/** Up to the first full stop, colon or semicolon that ends something, at the latest the end of the paragraph. */
function firstSentence(words: string, wayToProtocol: string): string {
  const line = words.replaceAll(/\s+/g, " ");
  const sentence = /^.*?[.](?= |$)/.exec(line)?.[0] ?? `${line.replace(/[:;]$/, "")} …`;
  return sentence.replaceAll("](", `](${wayToProtocol}`);
}

/** As GitHub makes it. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

if (import.meta.main) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const specification = readFileSync(join(root, "protocol/SPEC.md"), "utf8");
  for (const old of globSync("docs/rules/*.md", { cwd: root })) rmSync(join(root, old));
  for (const [path, text] of rulePages(specification)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
