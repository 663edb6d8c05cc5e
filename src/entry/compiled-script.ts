// Owns running a script of this program from its compiled form: a start spends a third of its time on compiling.

import { Script } from "node:vm";

/** What a script is a part of when it runs: a function of what it uses of its module. */
export function asFunction(text: string): string {
  return `(function (require, module, __dirname) { ${text}\n})`;
}

export interface ScriptFile {
  /** As stacks name it. */
  readonly filename: string;
  /** All ASCII. */
  readonly text: Buffer;
  /** The text once more, by which it is known to be of this one, and what V8 has made of it. */
  readonly compiled: Buffer | undefined;
}

/** @returns the script, which is compiled anew where its compiled form is of another text or for another V8 */
export function scriptOf({ filename, text, compiled }: ScriptFile): Script {
  const isOfText = compiled?.subarray(0, text.length).equals(text) === true;
  const cachedData = isOfText ? compiled.subarray(text.length) : undefined;
  return new Script(asFunction(text.toString("latin1")), { filename, ...(cachedData && { cachedData }) });
}
