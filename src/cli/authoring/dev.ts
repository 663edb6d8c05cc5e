// `dlrpc dev`: a plugin is built and called, again whenever something that it is made of changes.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { endAs } from "#platform/processes/own-process";
import { absolute } from "../../base/absolute-path.ts";
import { contextOf } from "../calling/trial/call.ts";
import { grantsOf, variablesOf } from "../calling/trial/grants.ts";
import { endingSignals } from "../calling/trial/interruption.ts";
import { onlyOperand, type ParsedOptions, parseOptions, UsageError } from "../options.ts";
import { buildCommand, buildFiles } from "./build-command.ts";
import { Development } from "./dev/development.ts";
import { devVerb } from "./verbs.ts";

const INPUT = "input.json";

/** @returns the exit status, where it is not a signal that ends it @throws UsageError, CommandError */
export async function runDev(args: readonly string[]): Promise<number> {
  const at = args.indexOf("--");
  const [own, given] = at < 0 ? [args, []] : [args.slice(0, at), args.slice(at + 1)];
  const parsed = parseOptions(devVerb, own);
  const name = onlyOperand(parsed, "dev needs the plugin's directory", "the command that builds follows --");
  if (!statSync(name, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`there is no directory ${name}; \`dlrpc new NAME --lang c\` makes one with a plugin`);
  const directory = absolute(name);
  const options = withInput(parsed, directory);
  for (const read of [contextOf, grantsOf, variablesOf]) read(options); // what cannot be understood is said before a build
  const command = given.length > 0 ? given : defaultCommand(directory, name);

  const development = new Development({ directory, command, options, files: filesOf(options) });
  let endedBy: NodeJS.Signals | undefined;
  for (const signal of endingSignals) {
    process.on(signal, () => {
      endedBy = signal;
      development.end();
    });
  }
  const status = await development.run();
  if (endedBy !== undefined) await endAs(endedBy);
  return status;
}

/** The input of the directory, where none is given. @throws UsageError where stdin is given */
function withInput(options: ParsedOptions, directory: string): ParsedOptions {
  for (const name of ["input", "config"])
    if (options.value(name) === "-") throw new UsageError(`--${name} is read for each call: give JSON or @FILE`);
  const file = join(directory, INPUT);
  if (options.has("input") || !existsSync(file)) return options;
  return { ...options, value: (name) => (name === "input" ? `@${file}` : options.value(name)) };
}

/** What calls are read from. */
function filesOf(options: ParsedOptions): string[] {
  return ["input", "config"].flatMap((name) => {
    const value = options.value(name);
    return value?.startsWith("@") ? [absolute(value.slice(1))] : [];
  });
}

/** @throws UsageError where nothing says how the plugin is built */
function defaultCommand(directory: string, name: string): readonly string[] {
  const command = buildCommand(directory);
  if (command !== undefined) return command;
  throw new UsageError(`${name} holds no ${buildFiles()}; say what builds it: dlrpc dev ${name} -- COMMAND…`);
}
