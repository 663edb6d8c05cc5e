// Owns the choice of the verb, where it is not `serve`.

import { nearest } from "../observe/nearest.ts";
import { version } from "../version.ts";
import { helpOf, helpText } from "./help.ts";
import { UsageError } from "./options.ts";
import { print } from "./output.ts";
import { verbs } from "./verbs/all.ts";
import type { Verb } from "./verbs/verb.ts";

type Run = (args: readonly string[]) => Promise<number>;

/** Each is large, and of no use to the others; what serves a host starts by itself. */
const runners: Readonly<Record<string, () => Promise<Run>>> = {
  new: async () => (await import("./new.ts")).runNew,
  dev: async () => (await import("./dev.ts")).runDev,
  exec: async () => (await import("./exec.ts")).runExec,
  replay: async () => (await import("./replay.ts")).runReplay,
  conformance: async () => (await import("./conformance.ts")).runConformance,
  keygen: async () => (await import("./keygen.ts")).runKeygen,
  sign: async () => (await import("./sign.ts")).runSign,
  verify: async () => (await import("./verify.ts")).runVerify,
  pack: async () => (await import("./pack.ts")).runPack,
  list: async () => (await import("./list.ts")).runList,
  info: async () => (await import("./info.ts")).runInfo,
  validate: async () => (await import("./validate.ts")).runValidate,
  install: async () => (await import("./install.ts")).runInstall,
  update: async () => (await import("./install.ts")).runUpdate,
  remove: async () => (await import("./remove.ts")).runRemove,
  doctor: async () => (await import("./doctor.ts")).runDoctor,
  completions: async () => (await import("./completions.ts")).runCompletions,
  "build-worker": async () => (await import("./build-worker.ts")).runBuildWorker,
};

/** Runs a command line. @returns the exit status @throws UsageError, CommandError, DlrpcError */
export async function runVerb(args: readonly string[]): Promise<number> {
  const [verb = "help", ...rest] = args;
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args; // what follows belongs to another command
  if (verb === "help") return show(rest[0] === undefined ? helpText() : helpOf(verbNamed(rest[0])));
  if (own.includes("--help") || own.includes("-h"))
    return show(verb.startsWith("-") ? helpText() : helpOf(verbNamed(verb)));
  if (verb === "--version" || verb === "-V") return show(`${version}\n`);
  const load = Object.hasOwn(runners, verb) ? runners[verb] : undefined;
  if (load === undefined) throw unknownVerb(verb);
  return (await load())(rest);
}

/** @throws UsageError naming the nearest verb */
function verbNamed(name: string): Verb {
  const found = verbs.find((verb) => verb.name === name);
  if (found === undefined) throw unknownVerb(name);
  return found;
}

function unknownVerb(name: string): UsageError {
  const guess = nearest(
    name,
    verbs.map((verb) => verb.name),
  );
  return new UsageError(`there is no verb \`${name}\`${guess === undefined ? "" : `; did you mean ${guess}?`}`);
}

function show(text: string): number {
  print(text);
  return 0;
}
