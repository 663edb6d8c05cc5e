// What the verbs that look at plugins and at this machine take.

import { fileStatuses } from "../exit-status.ts";
import { inspectingOptions, jsonOption, trustOptions } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

export const shells = ["bash", "zsh", "fish", "powershell"] as const;

export const completionsVerb = {
  name: "completions",
  operands: shells.join("|"),
  summary: "prints what completes the words of dlrpc in a shell",
  options: {},
  more: "For bash and zsh put `source <(dlrpc completions bash)` into ~/.bashrc, or the same with zsh into ~/.zshrc behind compinit; for fish write it to ~/.config/fish/completions/dlrpc.fish; for PowerShell put `dlrpc completions powershell | Out-String | Invoke-Expression` into the file that $PROFILE names.",
} as const satisfies Verb;

export const doctorVerb = {
  name: "doctor",
  operands: "[options]",
  summary: "says what of dlrpc works on this machine, and how to mend what does not",
  statuses: { 0: "all that is needed is there", 1: "something is not", 2: "an error" },
  options: { trust: trustOptions.trust, json: jsonOption },
} as const satisfies Verb;

export const infoVerb = {
  name: "info",
  operands: "PLUGIN [options]",
  completed: "plugins",
  summary: "says what is known of a plugin without running it",
  statuses: { 0: "it would load", 1: "it would not", ...fileStatuses },
  options: inspectingOptions,
  more: "PLUGIN is a plugin's directory, or the name of one in a trusted directory.",
} as const satisfies Verb;

export const validateVerb = {
  name: "validate",
  operands: "PLUGIN… [options]",
  completed: "plugins",
  summary: "looks for what is wrong with plugins, without running them",
  statuses: { 0: "nothing but warnings", 1: "one would not load", ...fileStatuses },
  options: inspectingOptions,
  more: "PLUGIN is a plugin's directory, or the name of one in a trusted directory.",
} as const satisfies Verb;
