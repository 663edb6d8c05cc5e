// Owns the list of verbs, in the order of the help.

import { buildWorkerVerb } from "./build-worker.ts";
import { completionsVerb } from "./completions.ts";
import { conformanceVerb } from "./conformance.ts";
import { devVerb } from "./dev.ts";
import { doctorVerb } from "./doctor.ts";
import { execVerb } from "./exec.ts";
import { infoVerb } from "./info.ts";
import { installVerb, updateVerb } from "./install.ts";
import { keygenVerb } from "./keygen.ts";
import { listVerb } from "./list.ts";
import { mcpVerb } from "./mcp.ts";
import { newVerb } from "./new.ts";
import { packVerb } from "./pack.ts";
import { removeVerb } from "./remove.ts";
import { replayVerb } from "./replay.ts";
import { serveVerb } from "./serve.ts";
import { signVerb } from "./sign.ts";
import { validateVerb } from "./validate.ts";
import type { Verb } from "./verb.ts";
import { verifyVerb } from "./verify.ts";

export const verbs: readonly Verb[] = [
  serveVerb,
  mcpVerb,
  newVerb,
  devVerb,
  execVerb,
  replayVerb,
  conformanceVerb,
  keygenVerb,
  signVerb,
  verifyVerb,
  packVerb,
  listVerb,
  infoVerb,
  validateVerb,
  installVerb,
  updateVerb,
  removeVerb,
  doctorVerb,
  completionsVerb,
  buildWorkerVerb,
];
