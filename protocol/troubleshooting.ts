// docs/troubleshooting.md: every kind of error, from the registry, and what to do about it. `npm run docs` writes it;
// a test fails where that was forgotten.

import { writeFileSync } from "node:fs";
import { documentation } from "./documentation.ts";
import { ErrorData } from "./error-data.ts";
import { type ErrorKind, errorKinds } from "./error-kinds.ts";

const introduction = `# Troubleshooting

<!-- \`npm run docs\` has written this page, from protocol/error-kinds.ts and protocol/error-members.ts. -->

Every error has a kind, which is stable; its message is for people and may change. A host finds the kind in
\`error.data.kind\`, the command line prints it before the message
(\`dlrpc help exec\` lists the statuses that it then ends with), and a tool's failure in MCP begins with it. Where dlrpc
knows what to do it says so in \`error.data.hint\`. Warnings, which keep a plugin from nothing, have codes of their own:
[SPEC.md](../protocol/SPEC.md#plugindiscover-and-pluginvalidate), D3.

Nothing in the list fits? \`--log-level debug\` says on stderr what dlrpc looks for, loads, grants and ends. A plugin that
works without a sandbox and not with one: [sandbox.md](sandbox.md). A tool that is missing in an agent:
[mcp.md](mcp.md).`;

/** The page as it stands in the repository. */
export function troubleshootingText(): string {
  const kinds = Object.keys(errorKinds) as ErrorKind[];
  const rows = kinds.map(
    (kind) => `| [\`${kind}\`](#${kind.toLowerCase()}) | ${errorKinds[kind].code} | ${errorKinds[kind].when} |`,
  );
  const table = ["| kind | code | when |", "|---|---|---|", ...rows].join("\n");
  return `${[introduction, table, ...kinds.map(section), members()].join("\n\n")}\n`;
}

function members(): string {
  const rows = Object.entries(ErrorData.def.shape).map(
    ([name, schema]) => `| \`${name}\` | ${documentation.get(schema)?.description} |`,
  );
  return ["## What `data` holds", ["| member | meaning |", "|---|---|", ...rows].join("\n")].join("\n\n");
}

function section(kind: ErrorKind): string {
  const entry = errorKinds[kind];
  const members = entry.data.map((member) => `\`${member}\``);
  return [
    `## ${kind}`,
    `${entry.when} Code ${entry.code}.`,
    ...("hint" in entry ? [`**What to do.** ${entry.hint}`] : []),
    ...("advice" in entry ? ["hint" in entry ? entry.advice : `**What to do.** ${entry.advice}`] : []),
    ...(members.length === 0 ? [] : [`In [\`data\`](#what-data-holds): ${members.join(", ")}.`]),
  ].join("\n\n");
}

if (import.meta.main) writeFileSync(new URL("../docs/troubleshooting.md", import.meta.url), troubleshootingText());
