// Owns the start of the packed program, as src/main.ts does where the program is one script: here its parts are two.

import { compileFunction } from "node:vm";
import { isWorker, packedText } from "../self.ts";

const script = isWorker(process.argv.slice(2)) ? "worker.cjs" : "broker.cjs";
compileFunction(packedText(script), ["require"], { filename: script })(require);
