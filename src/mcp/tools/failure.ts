// Owns how a failure is told to a model (G7): the stable kind, what happened, and what can be done about it from there.

import type { ErrorKind } from "../../../protocol/error-kinds.ts";
import type { DlrpcError } from "../../../protocol/errors.ts";
import type { methods } from "../../../protocol/methods.ts";

type CallErrorKind = (typeof methods)["plugin/execute"]["errors"][number];

/** What a model can do, where the error's own hint, if it has one, is for those who write hosts. */
const advice: Readonly<Record<CallErrorKind, string | undefined>> & {
  readonly [kind in ErrorKind]?: string | undefined;
} = {
  UNKNOWN_HANDLE: undefined,
  REQUEST_CANCELLED: undefined,
  PLUGIN_CRASHED:
    "The tool's process has ended, a fresh one takes its place, and what it had in memory is lost. The call may have had effects: see what it has done before calling it again, with other arguments.",
  PLUGIN_TIMEOUT:
    "What it had in memory may be lost, and the call may have had effects. Ask for less at once, or have --timeout-ms raised.",
  PLUGIN_QUARANTINED:
    "It is not called any more. Do without it, until the plugin's library is replaced or dlrpc is started again.",
  OVERLOADED: "Wait for the answers to earlier calls, then call again.",
  INVALID_RESULT: "The plugin is at fault and its author has to mend it; other arguments may work.",
  SHUTTING_DOWN: "dlrpc is being ended.",
};

/** @param tool its name */
export function inWords(tool: string, error: DlrpcError): string {
  const { message, data } = error.toJSON();
  const hint = advice[error.kind] ?? data.hint;
  const tail = outputTails(data);
  return [
    `${error.kind}: the tool ${tool} failed. ${message}.`,
    ...(typeof hint === "string" ? [hint] : []),
    ...(tail === "" ? [] : [`It had written:\n${tail}`]),
  ].join("\n");
}

/** What the plugin wrote last, to stderr or else to stdout. */
function outputTails({ stderrTail, stdoutTail }: Readonly<Record<string, unknown>>): string {
  const said = [stderrTail, stdoutTail].find((text) => typeof text === "string" && text.trim() !== "");
  return typeof said === "string" ? said.trim() : "";
}
