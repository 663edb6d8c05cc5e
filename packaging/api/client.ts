// Owns the part of docs/api.md on dlrpc/client.

import { errorKinds } from "../../protocol/error-kinds.ts";
import type { Documented, Exported } from "./exports.ts";
import { code, table } from "./table.ts";

const order = ["function", "class", "interface", "type", "value"];

/** @param exports of src/client/index.ts */
export function clientSections(exports: readonly Exported[]): string[] {
  const ofErrors = exports.filter(isOfOneKind);
  const others = exports.filter((exported) => !isOfOneKind(exported));
  const sorted = others.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return ["## dlrpc/client", ...sorted.map(section), errorSection(ofErrors)];
}

/** `PARSE_ERROR: ParseError`: the class of one kind of error. */
const isOfOneKind = ({ declaration }: Exported) => kindOf(declaration) in errorKinds;

const kindOf = (declaration: string) => declaration.split(":")[0] ?? "";

function section({ name, kind, declaration, members, ...rest }: Exported): string {
  const own = kind === "value" ? [] : [`\`\`\`text\n${declaration}\n\`\`\``];
  const rows = members.map((member) => [code(member.declaration), words(member)]);
  return [`### ${name}`, ...own, words(rest), ...(rows.length === 0 ? [] : [table(["member", ""], rows)])].join("\n\n");
}

function words({ doc, throws }: Pick<Documented, "doc" | "throws">): string {
  return throws === undefined ? doc : `${doc} *Throws* ${throws}.`;
}

function errorSection(exports: readonly Exported[]): string {
  const rows = exports.map(({ name, declaration }) => {
    const kind = kindOf(declaration) as keyof typeof errorKinds;
    return [code(name), `[${code(kind)}](troubleshooting.md#${kind.toLowerCase()})`, errorKinds[kind].when];
  });
  return ["### The classes of errors", table(["class", "kind", "when"], rows)].join("\n\n");
}
