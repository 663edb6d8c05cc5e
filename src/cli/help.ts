// What --help prints: of the whole program, and of a verb.

import { version } from "../base/version.ts";
import { columns, type Row } from "./text/columns.ts";
import type { Options, Verb } from "./verb.ts";
import { verbs } from "./verbs.ts";

export const purpose = "runs native plugins for any host, over JSON-RPC on stdin and stdout";
export const trustSentence =
  "Plugins are trusted in ~/.vtcode/plugins and ~/.agents/plugins and where --trust or DLRPC_TRUSTED_DIRS says.";

export function helpText(): string {
  return `dlrpc ${version}: ${purpose}

usage: dlrpc VERB …

${columns(verbs.map(({ name, summary }) => [name, summary]))}

${columns([
  ["-h, --help", "this, and after a verb what it takes; as `dlrpc help VERB`"],
  ["-V, --version", "the version, and nothing else"],
])}

${trustSentence}
`;
}

export function helpOf({ name, operands, summary, statuses = {}, options, more }: Verb): string {
  const meanings = Object.entries(statuses).map(([status, meaning]) => [status, meaning] as const);
  return [
    `usage: dlrpc ${name} ${operands}\n${summary}`,
    ...(Object.keys(options).length > 0 ? [`options:\n${columns(described(options))}`] : []),
    ...(meanings.length > 0 ? [`exit status:\n${columns(meanings)}`] : []),
    ...(more === undefined ? [] : [more]),
  ]
    .join("\n\n")
    .concat("\n");
}

function described(options: Options): Row[] {
  return Object.entries(options).map(([name, { value, help }]) => [`--${name}${value ? ` ${value}` : ""}`, help]);
}
