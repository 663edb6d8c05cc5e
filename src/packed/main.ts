// Owns the start of the packed program, which is the broker and the workers: each part loads no more than it needs.

import { compileFunction } from "node:vm";
import { isWorker, packedScript } from "../self.ts";

const args = process.argv.slice(2);
const script = isWorker(args) ? (args[0] as string) : "broker";
compileFunction(packedScript(script), ["require"], { filename: `${script}.cjs` })(require);
