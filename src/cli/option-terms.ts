// Saying errors and hints in the words of the command line, where they are in those of the protocol.

import type { ErrorKind } from "../../protocol/error-kinds.ts";
import type { DlrpcError } from "../../protocol/errors.ts";
import { type Issue, listIssues } from "../json/schema.ts";

/** What hints of the protocol say, and how it is said here. */
const terms: readonly (readonly [RegExp, string])[] = [
  [/\bsandbox\.memoryMb\b/g, "--memory-mb"],
  [/\btimeoutMs\b/g, "--timeout-ms"],
  [/`explain`/g, "--explain"],
  [/as `write` and as workspaceRoot/g, "as --write and as --workspace"],
  [/, DLRPC_TRUSTED_DIRS or trustedDirs of initialize/g, " or DLRPC_TRUSTED_DIRS"],
  [/Grant it in plugin\/load: .*?, or with dlrpc exec (--read .*)$/g, "Grant it: $1"],
  [
    /add it to "sandbox" of plugin\/load: .*; or use dlrpc exec --grant-requested\.$/g,
    "give the options that grant it, or --grant-requested.",
  ],
  [/the form of `sandbox` of plugin\/load/g, "profile, network, exec, gpu, read, write and memoryMb as members"],
  [/Unload plugins, or allow/g, "Allow"],
  [/Unload plugins, or start/g, "Start"],
];

/** What the hints that are true each time would be here, where they speak to hosts. */
const hints: Partial<Readonly<Record<ErrorKind, string>>> = {
  PLUGIN_CRASHED: "The call may have had effects. What the plugin wrote last is above.",
  PLUGIN_QUARANTINED: "Mend the plugin.",
  RESOURCES_EXHAUSTED: "Allow dlrpc more processes (ulimit -u), descriptors (ulimit -n) or memory.",
  SANDBOX_UNAVAILABLE: "Choose another profile with --sandbox.",
};

/** A hint of an error or a warning. */
export function inOptionTerms(hint: string): string {
  return terms.reduce((words, [said, meant]) => words.replace(said, meant), hint);
}

/** What can be done about an error. */
export function hintOf(error: DlrpcError): string | undefined {
  const own = error.details.hint === undefined ? hints[error.kind] : undefined;
  if (own !== undefined) return own;
  const { hint } = error.toJSON().data;
  return typeof hint === "string" ? inOptionTerms(hint) : undefined;
}

/** What happened: where params are wrong, the options that they came from. */
export function messageOf({ kind, message, details }: DlrpcError): string {
  if (kind !== "INVALID_PARAMS" || !Array.isArray(details.issues)) return message;
  const issues: readonly Issue[] = details.issues;
  return listIssues(issues.map(({ path, message }) => ({ path: optionOf(path), message })));
}

/** The option that a member of params came from. */
function optionOf(path: string): string {
  const [member = "", name = "sandbox"] = path.split(".");
  if (member === "env" && path !== "env") return `--env ${path.slice("env.".length)}`;
  if (member === "sandbox") return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (member === "workspaceRoot") return "--workspace";
  return member === "" ? "" : `--${member}`;
}
