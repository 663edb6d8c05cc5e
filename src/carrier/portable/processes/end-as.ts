// Ending this program as a signal does that it has heard.

import { endAs as endBySignal } from "../../both-halves/processes/posix-end.ts";
import { exitNow } from "../../windows/processes/exit-now.ts";
import { system } from "../program/system.ts";

/** What Windows says of a program that Ctrl-C, Ctrl-Break or a closed window has ended. */
const STATUS_CONTROL_C_EXIT = 0xc000013a;

/** Whoever has started this sees that the signal has ended it. */
export function endAs(signal: NodeJS.Signals): Promise<never> {
  return system === "windows" ? exitNow(STATUS_CONTROL_C_EXIT) : endBySignal(signal);
}
