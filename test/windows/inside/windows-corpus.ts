// What of the hostile corpus is otherwise on Windows: how a process ends, which has no signals (E22), and what is not there.

import assert from "node:assert/strict";
import { exceptionName } from "../../../src/platform/windows/processes/exception-names.ts";
import type { Behaviour } from "../../containment/corpus.ts";

interface Matcher {
  asymmetricMatch(actual: unknown): boolean;
}

const noSignals = "Windows has no such signals";
const noLimits = "a process of Windows has no such limits of its own";
const noExec = "a process of Windows does not become another program";
const noDescriptors = "handles are neither sockets nor files, and none is put in the place of another";
const wineHeap = "Wine's heap does not notice it; Windows ends the process";
const wineUnwinding = "Wine does not come to an end with it";
const wineStack = "Wine ends the thread alone";

/** Why it is not tried, by `input.do`, or what is done at another moment. */
export const reasons: Readonly<Record<string, string>> = {
  sigbus: "a file that is mapped cannot become shorter",
  double_free: wineHeap,
  stack_overflow: wineStack,
  smash_stack: wineUnwinding,
  jump_out: wineUnwinding,
  limit_processor: noLimits,
  become_true: noExec,
  become_sleep: noExec,
  hang_blocking_signals: noSignals,
  replace_all: noDescriptors,
  replace_all_and_hang: noDescriptors,
  shut_down: noDescriptors,
  truncate_low: noDescriptors,
  print_through_proc: "there is no /proc",
  block_signals: noSignals,
  limit_files: noLimits,
  limit_file_size: noLimits,
  limit_memory: noLimits,
  limit_stack: noLimits,
  take_a_name: "a process has the name of its program",
  leave_tree: "processes have no sessions, and nobody adopts them",
  leave_daemon_to_others: "processes have no sessions, and nobody adopts them",
};

export const leftOut = ({ does, input }: Behaviour): string | undefined => reasons[does] ?? reasons[input?.what ?? ""];

export const loadsLeftOut: Readonly<Record<string, string>> = {
  "constructor-blocks": noSignals,
  "metadata-crashes": wineHeap,
};

/** Of exceptions that are otherwise signals. */
const exceptions: Readonly<Record<string, string>> = {
  SIGSEGV: "ACCESS_VIOLATION",
  SIGILL: "ILLEGAL_INSTRUCTION",
  SIGFPE: "INTEGER_DIVIDE_BY_ZERO",
};
/** Where a process ends itself, not dlrpc. */
const statuses: Readonly<Record<string, number>> = { kill_itself: 9, terminate_itself: 3 };

/** @returns members of plugin/exited, or of an error's data, as they are on Windows */
export function endOnWindows(
  behaviour: Behaviour | undefined,
  { signal, exitCode, ...others }: Readonly<Record<string, unknown>>,
): object {
  const status = statuses[behaviour?.does ?? ""];
  if (status !== undefined) return { ...others, signal: null, exitCode: status };
  if (behaviour?.does === "crash_in_handler") return { ...others, signal: null }; // Wine ends it with 1
  if (signal === "SIGABRT") return { ...others, signal: null, exitCode: abortStatus };
  const name = exceptions[String(signal)];
  if (name !== undefined) return { ...others, signal: null, exitCode: isStatusOf(name) };
  return { ...others, ...(signal !== undefined && { signal }), ...(typeof exitCode === "number" && { exitCode }) };
}

const isStatusOf = (name: string): Matcher => ({
  asymmetricMatch: (actual) => typeof actual === "number" && exceptionName(actual) === name,
});

/** The older C runtime's, and what newer ones end with on Windows. */
const abortStatus: Matcher = { asymmetricMatch: (actual) => actual === 3 || actual === 0xc0000409 };

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** As Vitest's toMatchObject: what is expected is there. Lines that a C runtime has written end as it ends them. */
export function assertMatches(actual: unknown, expected: unknown, path = ""): void {
  const text = typeof actual === "string" ? actual.replaceAll("\r\n", "\n") : actual;
  if (isObject(expected) && typeof expected.asymmetricMatch === "function")
    assert.ok((expected as unknown as Matcher).asymmetricMatch(text), `${path}: ${JSON.stringify(actual)}`);
  else if (isObject(expected) && isObject(actual))
    for (const [name, value] of Object.entries(expected)) assertMatches(actual[name], value, `${path}.${name}`);
  else assert.equal(text, expected, path);
}
