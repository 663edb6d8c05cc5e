// The choice of the verb, where it is not `serve`.

import { keepLoopTurning } from "#platform/streams/reactor";
import { nearest } from "../base/nearest.ts";
import { version } from "../base/version.ts";
import { helpOf, helpText } from "./help.ts";
import { UsageError } from "./options.ts";
import { print } from "./text/output.ts";
import type { Verb } from "./verb.ts";
import { verbs } from "./verbs.ts";

type Run = (args: readonly string[]) => Promise<number>;

/** Each is large, and of no use to the others; what serves a host starts by itself. */
const runners: Readonly<Record<string, () => Promise<Run>>> = {
  new: async () => (await import("./authoring/new.ts")).runNew,
  dev: async () => (await import("./authoring/dev.ts")).runDev,
  exec: async () => (await import("./calling/exec.ts")).runExec,
  replay: async () => (await import("./calling/replay.ts")).runReplay,
  conformance: async () => (await import("./authoring/conformance.ts")).runConformance,
  keygen: async () => (await import("./signing/keygen.ts")).runKeygen,
  sign: async () => (await import("./signing/sign.ts")).runSign,
  verify: async () => (await import("./signing/verify.ts")).runVerify,
  pack: async () => (await import("./packing/pack.ts")).runPack,
  list: async () => (await import("./installing/list.ts")).runList,
  info: async () => (await import("./inspecting/info.ts")).runInfo,
  validate: async () => (await import("./inspecting/validate.ts")).runValidate,
  install: async () => (await import("./installing/install.ts")).runInstall,
  update: async () => (await import("./installing/install.ts")).runUpdate,
  remove: async () => (await import("./installing/remove.ts")).runRemove,
  doctor: async () => (await import("./inspecting/doctor.ts")).runDoctor,
  completions: async () => (await import("./inspecting/completions.ts")).runCompletions,
  "build-worker": async () => (await import("./authoring/build-worker.ts")).runBuildWorker,
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
  return keepLoopTurning((await load())(rest));
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
