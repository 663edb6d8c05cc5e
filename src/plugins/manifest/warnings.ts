// The warnings on plugin.json by itself (D3), and on what the library says differently (A9).

import { DESCRIPTION_LIMIT, plainNamePattern } from "../../../protocol/abi-names.ts";
import { ABI_VERSION } from "../../../protocol/abi-symbols.ts";
import { Permissions } from "../../../protocol/sandbox.ts";
import { excerpt } from "../../json/document.ts";
import { type Issue, judge, listIssues } from "../../json/schema.ts";
import { type Warning, warning } from "../problem.ts";
import type { Described, Metadata } from "./metadata.ts";
import { isSemver } from "./semver.ts";

/** @param toolIssues what is wrong with what it says of itself as a tool */
export function manifestWarnings(described: Described, toolIssues: readonly Issue[]): Warning[] {
  const { name, description, version, hasAbiVersion, permissions } = described;
  const warnings: Warning[] = [];
  const warn = (...found: Parameters<typeof warning>) => warnings.push(warning(...found));
  if (name !== undefined && !plainNamePattern.test(name)) {
    warn("NAME_NOT_PLAIN", `name: \`${name}\` is unusual`, "Use lower case letters, digits and hyphens.");
  }
  if (description !== undefined && [...description].length > DESCRIPTION_LIMIT) {
    const message = `description: longer than ${DESCRIPTION_LIMIT} characters`;
    warn("DESCRIPTION_TOO_LONG", message, "Agents read it for every choice of a tool: keep it short.");
  }
  if (version !== undefined && !isSemver(version)) {
    warn("VERSION_NOT_SEMVER", `version: \`${version}\` is not a semantic version`, "Use MAJOR.MINOR.PATCH.");
  }
  if (hasAbiVersion === false) {
    const message = `abi_version is missing: it is taken to be ${ABI_VERSION}`;
    warn("ABI_VERSION_MISSING", message, `Add "abi_version": ${ABI_VERSION}: VT Code's own loader wants it.`);
  }
  const judged = permissions === undefined ? undefined : judge(Permissions, permissions);
  if (judged !== undefined && "issues" in judged) {
    const message = `permissions: ${listIssues(judged.issues)}`;
    warn("PERMISSIONS_NOT_UNDERSTOOD", message, "They have the form of `sandbox` of plugin/load.");
  }
  if (toolIssues.length > 0) {
    const hint =
      "It is left out where the plugin is offered as a tool (dlrpc mcp). SPEC.md says in A10 and A11 what is taken.";
    warn("TOOL_NOT_UNDERSTOOD", listIssues(toolIssues), hint);
  }
  return warnings;
}

/** @returns one warning for all members that differ, or none; only a library that runs can be asked */
export function differingMetadata(manifest: Metadata, metadata: Metadata): Warning[] {
  const differences = (["name", "version"] as const)
    .filter((member) => manifest[member] !== metadata[member])
    .map(
      (member) =>
        `${member} is ${quote(manifest[member])} in plugin.json and ${quote(metadata[member])} in the library`,
    );
  if (differences.length === 0) return [];
  const hint = "Is it the library of another plugin or release? Else write in plugin.json what the library says.";
  return [warning("METADATA_DIFFERS", differences.join(", "), hint)];
}

/** A version may be as long as all of the metadata. */
function quote(value: string): string {
  return JSON.stringify(excerpt(Buffer.from(value)));
}
