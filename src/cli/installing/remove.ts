// `dlrpc remove`.

import { lstatSync } from "node:fs";
import { basename, dirname } from "node:path";
import { namePattern } from "../../../protocol/abi-names.ts";
import { DlrpcError } from "../../../protocol/errors.ts";
import { findByName } from "../../plugins/find.ts";
import { trusting } from "../../plugins/inspection.ts";
import { defaultTrustedDirectories } from "../../plugins/trust/trust.ts";
import { CommandError, onlyOperand, parseOptions, UsageError } from "../options.ts";
import { print } from "../text/output.ts";
import { isOfSystem, PluginsPlace } from "./source/plugins-place.ts";
import { removeVerb } from "./verbs.ts";

/** @returns the exit status @throws UsageError, CommandError, DlrpcError */
export async function runRemove(args: readonly string[]): Promise<number> {
  const options = parseOptions(removeVerb, args);
  const name = onlyOperand(options, "remove needs the name of a plugin", "remove removes one plugin");
  if (!namePattern.test(name)) throw new UsageError(`\`${name}\` is no plugin's name; \`dlrpc list\` shows them`);

  const policy = trusting(defaultTrustedDirectories(process.env));
  const find = () => findByName(name, policy);
  const path = await find();
  if (path === undefined) {
    const searched = policy.trust.canonical.join(", ") || "nothing, for no trusted directory exists";
    throw new DlrpcError("PATH_NOT_FOUND", `There is no plugin ${name} in a trusted directory`, {
      hint: `Searched: ${searched}.`,
    });
  }
  const isLink = lstatSync(path).isSymbolicLink();
  using place = PluginsPlace.open(dirname(path));
  try {
    place.remove(basename(path));
  } catch (error) {
    if (!isOfSystem(error)) throw error;
    throw new CommandError(`${path} cannot be removed: ${error.message}`);
  }
  const rest = await find();
  print(`${path} is removed${isLink ? "; what it led to stays" : ""}\n`);
  if (rest !== undefined) print(`${name} is now ${rest}\n`);
  return 0;
}
