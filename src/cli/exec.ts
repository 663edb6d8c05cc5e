// Owns `dlrpc exec`: one call of one plugin, for people and scripts.

import { goOnUntil } from "../native/reactor.ts";
import { log } from "../observe/log.ts";
import { isSuccess } from "../plugins/result.ts";
import { parseOptions, UsageError } from "./options.ts";
import { printError } from "./output.ts";
import { ProgressBar } from "./progress-bar.ts";
import { contextOf } from "./trial/call.ts";
import { printResult } from "./trial/result.ts";
import { TriedPlugin } from "./trial/tried-plugin.ts";
import { execVerb } from "./verbs/exec.ts";

/** @returns the exit status: 0, or 1 for a result with success:false @throws UsageError, DlrpcError */
export function runExec(args: readonly string[]): Promise<number> {
  return goOnUntil(exec(args));
}

async function exec(args: readonly string[]): Promise<number> {
  const options = parseOptions(execVerb, args);
  const [name, stray] = options.positionals;
  if (name === undefined || name === "") throw new UsageError("exec needs the path or the name of a plugin");
  if (stray !== undefined) throw new UsageError(`\`${stray}\` is one too many; exec runs one plugin`);
  const context = contextOf(options);
  const streams = options.has("stream");
  const plugin = await TriedPlugin.prepare(name, options, new ProgressBar());
  let isInterrupted = false;
  try {
    for (const { code, message } of await plugin.load()) log("warn", `${code}: ${message}`);
    const call = plugin.call(context, streams);
    process.once("SIGINT", () => {
      isInterrupted = true;
      call.cancel();
    });
    const result = await call.result;
    printResult(result, streams);
    return isSuccess(result) ? 0 : 1;
  } finally {
    printError(Buffer.from(await plugin.close()));
    if (isInterrupted) await endAsInterrupted();
  }
}

/** A shell that runs this in a loop or a script ends, too, where it sees that Ctrl-C has ended it. Its status there is 130. */
function endAsInterrupted(): Promise<never> {
  process.kill(process.pid, "SIGINT"); // it was heard once, and is not any more
  return new Promise(() => {});
}
