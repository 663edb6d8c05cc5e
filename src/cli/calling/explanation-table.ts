// How `dlrpc exec --explain` shows what was refused: a row for each grant, and last the options to add (S21).

import type { Explained, NeededGrants, Refusal } from "../../../protocol/messages.ts";
import { shellQuoted } from "../../base/shell-quoted.ts";
import { inBytes } from "../../base/visible.ts";
import { columns, type Row } from "../text/columns.ts";
import { grantWords } from "./trial/grants.ts";

const NO_GRANT = "no grant allows this";

export function explanationTable({ refusals, leftOut, grants }: Explained): string {
  if (refusals.length === 0) return "Nothing was refused.\n";
  const rows = [...Map.groupBy(refusals, ({ grant }) => (grant === null ? NO_GRANT : optionsOf(grant)))].flatMap(
    ([grant, alike]) =>
      (grant === NO_GRANT ? alike : alike.slice(0, 1)).map((one): Row => [grant, describe(one, alike)]),
  );
  const options = optionsOf(grants);
  return [
    "Refused, and what would allow it:",
    columns(rows),
    ...(leftOut > 0 ? [`  and ${leftOut} more, which were not recorded`] : []),
    options === "" ? "No option would allow any of it." : `Options to add: ${options}`,
    "",
  ].join("\n");
}

function describe(refusal: Refusal, alike: readonly Refusal[]): string {
  const { call, subject, access, grant } = refusal;
  const more = grant === null || alike.length === 1 ? "" : ` (and ${alike.length - 1} more)`;
  return `${[call, ...(access === null ? [] : [access]), shown(subject)].filter((part) => part !== "").join(" ")}${more}`;
}

/** As `dlrpc exec` takes them. */
function optionsOf(grants: NeededGrants): string {
  return grantWords(grants)
    .map(([option, value]) => (value === undefined ? option : `${option} ${quoted(value)}`))
    .join(" ");
}

/** For a shell: a plugin may have called a file whatever it liked. */
function quoted(path: string): string {
  if (/^[\w/.:@%+=,-]+$/.test(path)) return path;
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(path) ? shellQuoted(path) : `$'${shown(path).replaceAll("'", "\\'")}'`;
}

/** For a terminal. */
function shown(text: string): string {
  return text.replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|\\/gu, (character) =>
    character === "\\" ? "\\\\" : inBytes(character),
  );
}
