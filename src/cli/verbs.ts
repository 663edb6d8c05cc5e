// The list of verbs, in the order of the help.

import { buildWorkerVerb, conformanceVerb, devVerb, newVerb } from "./authoring/verbs.ts";
import { execVerb, replayVerb } from "./calling/verbs.ts";
import { completionsVerb, doctorVerb, infoVerb, validateVerb } from "./inspecting/verbs.ts";
import { installVerb, listVerb, removeVerb, updateVerb } from "./installing/verbs.ts";
import { packVerb } from "./packing/pack-verb.ts";
import { mcpVerb } from "./serving/mcp-verb.ts";
import { serveVerb } from "./serving/serve-verb.ts";
import { keygenVerb, signVerb, verifyVerb } from "./signing/verbs.ts";
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
