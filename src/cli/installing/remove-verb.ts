import { fileStatuses } from "../exit-status.ts";
import type { Verb } from "../verb.ts";

export const removeVerb = {
  name: "remove",
  operands: "NAME",
  completed: "plugins",
  summary: "removes a plugin of this user from the trusted directory that it is installed in",
  statuses: { 0: "it is removed", ...fileStatuses },
  options: {},
  more: "Plugins that run go on until they are unloaded.",
} as const satisfies Verb;
