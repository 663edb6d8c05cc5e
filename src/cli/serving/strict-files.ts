// What --strict-permissions asks of the files that the command line names (T3).

import { dirname } from "node:path";
import { foreignOwner, wayWritableByOthers, writableByOthers } from "#platform/files/permissions";
import { absolute } from "../../base/absolute-path.ts";
import { type Passed, pathChain } from "../../plugins/trust/path-chain.ts";
import { resolve } from "../../plugins/trust/resolve.ts";
import { CommandError, type ParsedOptions } from "../options.ts";

/**
 * What is not there is no matter of this: whoever opens it says so.
 * @throws CommandError where others than root and who runs dlrpc could change a file, or put another in its place;
 * DlrpcError INVALID_PARAMS for a relative path where the working directory is gone
 */
export function requireStrictFiles(options: ParsedOptions): void {
  if (!options.has("strict-permissions")) return;
  for (const option of ["require-signature", "signature-key"]) {
    for (const file of options.all(option)) requireStrict(`--${option} ${file}`, file);
  }
  // It is opened anew for each line, and made where it is not there: nobody else may make it, either.
  for (const file of options.all("audit-log")) {
    const path = absolute(file);
    requireStrict(`--audit-log ${file}`, path, resolve(dirname(path)));
  }
}

/** @param holder the directory in which others may not even make files */
function requireStrict(what: string, file: string, holder?: ReturnType<typeof resolve>): void {
  const canonicalHolder = holder !== undefined && "canonical" in holder ? holder.canonical : undefined;
  for (const passed of pathChain(file)) {
    const { path } = passed;
    const remedy = remedyFor(passed, path === canonicalHolder);
    if (remedy !== undefined) throw new CommandError(`${what}: ${path} ${remedy}, or leave out --strict-permissions`);
  }
}

/** @returns what is wrong with it and how to mend it, if anything is */
function remedyFor({ path, kind }: Passed, isHolder: boolean): string | undefined {
  const exposure = kind === "directory" && !isHolder ? wayWritableByOthers : writableByOthers;
  const found = (kind === "link" ? undefined : exposure(path)) ?? foreignOwner(path);
  return found && `${found.found}, who could put something else there; ${found.remedy}`;
}
