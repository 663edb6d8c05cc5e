// What is different where a person looks: whether it is a terminal, its colours, and that nobody else commands it.

import { isatty } from "node:tty";
import { visible } from "../../base/visible.ts";

export const STDOUT = 1;
export const STDERR = 2;

export function isTerminal(descriptor: number): boolean {
  return isatty(descriptor);
}

/** Whether it can be asked to erase a line or to change its colours. */
export function obeys(descriptor: number): boolean {
  return isTerminal(descriptor) && process.env.TERM !== "dumb";
}

/** https://no-color.org */
export function hasColours(descriptor: number): boolean {
  return obeys(descriptor) && (process.env.NO_COLOR ?? "") === "";
}

/** Text that plugins or packages have a part in, as it may be written there: exact, but for a terminal. */
export function harmless(text: string, descriptor: number): string {
  return isTerminal(descriptor) ? visible(text) : text;
}

/** The same where it is part of a line. */
export function oneLine(text: string): string {
  return visible(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}
