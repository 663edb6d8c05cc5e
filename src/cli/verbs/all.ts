// Owns the list of verbs, in the order of the help.

import { buildWorkerVerb } from "./build-worker.ts";
import { conformanceVerb } from "./conformance.ts";
import { execVerb } from "./exec.ts";
import { keygenVerb } from "./keygen.ts";
import { mcpVerb } from "./mcp.ts";
import { packVerb } from "./pack.ts";
import { replayVerb } from "./replay.ts";
import { serveVerb } from "./serve.ts";
import { signVerb } from "./sign.ts";
import type { Verb } from "./verb.ts";
import { verifyVerb } from "./verify.ts";

export const verbs: readonly Verb[] = [
  serveVerb,
  mcpVerb,
  execVerb,
  replayVerb,
  conformanceVerb,
  keygenVerb,
  signVerb,
  verifyVerb,
  packVerb,
  buildWorkerVerb,
];
