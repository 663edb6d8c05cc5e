// The list of verbs, in the order of the help.

import { buildWorkerVerb } from "./authoring/build-worker-verb.ts";
import { conformanceVerb } from "./authoring/conformance-verb.ts";
import { devVerb } from "./authoring/dev-verb.ts";
import { newVerb } from "./authoring/new-verb.ts";
import { execVerb } from "./calling/exec-verb.ts";
import { replayVerb } from "./calling/replay-verb.ts";
import { completionsVerb } from "./inspecting/completions-verb.ts";
import { doctorVerb } from "./inspecting/doctor-verb.ts";
import { infoVerb } from "./inspecting/info-verb.ts";
import { validateVerb } from "./inspecting/validate-verb.ts";
import { installVerb, updateVerb } from "./installing/install-verb.ts";
import { listVerb } from "./installing/list-verb.ts";
import { removeVerb } from "./installing/remove-verb.ts";
import { packVerb } from "./packing/pack-verb.ts";
import { mcpVerb } from "./serving/mcp-verb.ts";
import { serveVerb } from "./serving/serve-verb.ts";
import { keygenVerb } from "./signing/keygen-verb.ts";
import { signVerb } from "./signing/sign-verb.ts";
import { verifyVerb } from "./signing/verify-verb.ts";
import type { Verb } from "./verb.ts";

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
