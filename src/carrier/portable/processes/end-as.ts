// Owns ending this program as a signal does that it has heard.

import { kernel32 } from "../../windows/system-functions.ts";
import { system } from "../program/system.ts";

const ITSELF = -1;
/** What Windows says of a program that Ctrl-C, Ctrl-Break or a closed window has ended. */
const STATUS_CONTROL_C_EXIT = 0xc000013a;

const terminateProcess = kernel32("TerminateProcess", "int", ["intptr_t", "uint32_t"]);

/** Whoever has started this sees that the signal has ended it: its status in a shell is 130 after Ctrl-C. */
export function endAs(signal: NodeJS.Signals): Promise<never> {
  process.removeAllListeners(signal);
  if (system === "windows") terminateProcess(ITSELF, STATUS_CONTROL_C_EXIT);
  else process.kill(process.pid, signal);
  return new Promise(() => {});
}
