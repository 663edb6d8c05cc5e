// Text that plugins and packages wrote, where it is part of a line.

import { visible } from "../../base/visible.ts";

/** The same on one line, and harmless to a terminal. */
export function oneLine(text: string): string {
  return visible(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}
