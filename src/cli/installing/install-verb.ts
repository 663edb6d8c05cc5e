import { fileStatuses } from "../exit-status.ts";
import type { Options, Verb } from "../verb.ts";

const options = {
  "require-signature": {
    value: "KEYFILE",
    help: "refuse a plugin not signed by this public key, or another one given so",
  },
  force: { help: "also over the same or a newer version, or one that cannot be compared" },
} as const satisfies Options;

const more =
  "SOURCE is a plugin's directory, or a .tar.gz or .zip of one. It goes to ~/.vtcode/plugins; none of its code is run.";

export const installVerb = {
  name: "install",
  operands: "SOURCE [options]",
  summary: "installs a plugin for this user, or a newer version of it",
  statuses: { 0: "it is installed", 1: "the same or a newer version is there, and stays", ...fileStatuses },
  options,
  more,
} as const satisfies Verb;

export const updateVerb = {
  name: "update",
  operands: "SOURCE [options]",
  summary: "installs a newer version of a plugin that is installed",
  statuses: { 0: "it is installed", 1: "the same or a newer version is there, and stays", ...fileStatuses },
  options,
  more,
} as const satisfies Verb;
