// Owns the choice of the verb, where it is not `serve`.

import { nearest } from "../observe/nearest.ts";
import { version } from "../version.ts";
import { helpText } from "./help.ts";
import { UsageError, verbOptions } from "./options.ts";
import { print } from "./output.ts";

/** Runs a command line. @returns the exit status @throws UsageError, CommandError, DlrpcError */
export async function runVerb(args: readonly string[]): Promise<number> {
  const [verb = "", ...rest] = args;
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args; // what follows belongs to another command
  if (own.includes("--help") || verb === "help" || verb === "") return show(helpText());
  // Each is large, and of no use to the others.
  switch (verb) {
    case "--version":
      return show(`${version}\n`);
    case "exec":
      return (await import("./exec.ts")).runExec(rest);
    case "conformance":
      return (await import("./conformance.ts")).runConformance(rest);
    case "keygen":
      return (await import("./keygen.ts")).runKeygen(rest);
    case "sign":
      return (await import("./sign.ts")).runSign(rest);
    case "verify":
      return (await import("./verify.ts")).runVerify(rest);
    case "pack":
      return (await import("./pack.ts")).runPack(rest);
    case "build-worker":
      return (await import("./build-worker.ts")).runBuildWorker(rest);
  }
  const guess = nearest(verb, Object.keys(verbOptions));
  throw new UsageError(`there is no verb \`${verb}\`${guess === undefined ? "" : `; did you mean ${guess}?`}`);
}

function show(text: string): number {
  print(text);
  return 0;
}
