// Owns the start of the packed program, which is the broker and the workers: each part loads no more than it needs.

import { compileFunction } from "node:vm";
import { isWorker, packedText } from "../self.ts";

const script = isWorker(process.argv.slice(2)) ? "worker.cjs" : "broker.cjs";
compileFunction(packedText(script), ["require"], { filename: script })(require);
