// Owns compiling a script before the program starts: all of it at once, with a fixed seed, so that the same text and the
// same Node give the same bytes.

import { spawnSync } from "node:child_process";
import { asFunction } from "../src/entry/compiled-script.ts";

const MOST_BYTES = 64 * 1024 * 1024;

/** What V8 has made of a text is refused where V8 runs with other options, such as these. */
const compile = `
const v8 = require("node:v8");
const { readFileSync, writeSync } = require("node:fs");
const text = readFileSync(0, "latin1");
v8.setFlagsFromString("--no-lazy");
const script = new (require("node:vm").Script)(text);
v8.setFlagsFromString("--lazy");
v8.setFlagsFromString("--hash-seed=0");
for (let left = script.createCachedData(); left.length > 0; left = left.subarray(writeSync(1, left)));
`;

/**
 * @param node the Node that is to run the script, or one of the same version for the same processor
 * @returns what is read by compiled-script.ts @throws Error where that Node does not do it
 */
export function compiledForm(node: string, text: string): Buffer {
  const { status, stdout, error } = spawnSync(node, ["--hash-seed=1", "-e", compile], {
    input: asFunction(text),
    stdio: ["pipe", "pipe", "inherit"],
    maxBuffer: MOST_BYTES,
  });
  if (error !== undefined || status !== 0)
    throw new Error(`${node} compiles no script: ${error ?? `status ${status}`}`);
  return Buffer.concat([Buffer.from(text), stdout]);
}
