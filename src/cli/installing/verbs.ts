// What the verbs take that put plugins into trusted directories, list and remove them.

import { fileStatuses } from "../exit-status.ts";
import { inspectingOptions } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

const shared = {
  operands: "SOURCE [options]",
  statuses: { 0: "it is installed", 1: "the same or a newer version is there, and stays", ...fileStatuses },
  options: {
    "require-signature": {
      value: "KEYFILE",
      help: "refuse a plugin not signed by this public key, or another one given so",
    },
    force: { help: "also over the same or a newer version, or one that cannot be compared" },
  },
  more: "SOURCE is a plugin's directory, or a .tar.gz or .zip of one. It goes to ~/.vtcode/plugins; none of its code is run.",
} as const satisfies Partial<Verb>;

export const installVerb = {
  ...shared,
  name: "install",
  summary: "installs a plugin for this user, or a newer version of it",
} as const satisfies Verb;

export const updateVerb = {
  ...shared,
  name: "update",
  summary: "installs a newer version of a plugin that is installed",
} as const satisfies Verb;

export const listVerb = {
  name: "list",
  operands: "[options]",
  summary: "lists the plugins in the trusted directories, without running any",
  options: inspectingOptions,
} as const satisfies Verb;

export const removeVerb = {
  name: "remove",
  operands: "NAME",
  completed: "plugins",
  summary: "removes a plugin of this user from the trusted directory that it is installed in",
  statuses: { 0: "it is removed", ...fileStatuses },
  options: {},
  more: "Plugins that run go on until they are unloaded.",
} as const satisfies Verb;
