// Owns docs/protocol.md: an index of the rules of SPEC.md, one line each. `npm run docs` writes it; a test fails where that
// was forgotten.

import { readFileSync, writeFileSync } from "node:fs";

const introduction = `# The protocol, an index

<!-- \`npm run docs\` has written this page, from protocol/SPEC.md. -->

A host writes JSON-RPC 2.0 to dlrpc's stdin and reads it from its stdout, a message a line, as in MCP, or behind headers, as in
LSP. \`plugin/load\`, \`plugin/metadata\`, \`plugin/execute\`, \`plugin/unload\`, \`plugin/reload\`, \`plugin/list\`,
\`plugin/discover\`, \`plugin/validate\`; optionally \`initialize\` first; \`shutdown\` and \`exit\`, or simply the end of stdin,
last. All of it is in [SPEC.md](../protocol/SPEC.md), for people, and in [openrpc.json](../protocol/openrpc.json), for
machines: \`rpc.discover\` gives the latter. Every error has a stable \`data.kind\`, and a hint what to do about it
([troubleshooting.md](troubleshooting.md)).

Whoever writes a server of this protocol, or a plugin host that behaves so, can try it against the
[transcripts](../protocol/conformance/README.md): \`dlrpc conformance -- COMMAND\`.

Each rule has a number, which tests cite and which does not change. Here is how each begins; the rest of it is in its section.
Rules for MCP have the letter G, and are in [mcp.md](mcp.md#rules).`;

/** The page as it stands in the repository. */
export function ruleIndexText(specification: string): string {
  const sections = specification.split(/^(?=##+ )/m).flatMap((text) => {
    const title = /^##+ (.*)$/m.exec(text)?.[1] ?? "";
    const rules = [...`${text}\n\n`.matchAll(/^- \*\*([A-Z]\d+)\*\* (?:\*\(added\)\* )?(.*?)(?=\n- |\n\n)/gms)];
    if (rules.length === 0) return [];
    const rows = rules.map(([, rule, words = ""]) => `- **${rule}** ${firstSentence(words)}`);
    return `## [${title.replace(/^\d+ /, "")}](../protocol/SPEC.md#${anchorOf(title)})\n\n${rows.join("\n")}`;
  });
  return `${[introduction, ...sections].join("\n\n")}\n`;
}

/** Up to the first full stop, colon or semicolon that ends something, at the latest the end of the paragraph. */
function firstSentence(words: string): string {
  const line = words.replaceAll(/\s+/g, " ");
  const sentence = /^.*?[.](?= |$)/.exec(line)?.[0] ?? `${line.replace(/[:;]$/, "")} …`;
  return sentence.replaceAll("](", "](../protocol/");
}

/** As GitHub makes it. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

if (import.meta.main) {
  const specification = readFileSync(new URL("SPEC.md", import.meta.url), "utf8");
  writeFileSync(new URL("../docs/protocol.md", import.meta.url), ruleIndexText(specification));
}
