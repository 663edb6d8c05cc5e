// Owns what is unusual about a plugin's description of itself, though no error (A3).

import { DESCRIPTION_LIMIT, plainNamePattern } from "../../../protocol/abi-names.ts";
import { ABI_VERSION } from "../../../protocol/abi-symbols.ts";
import { Permissions } from "../../../protocol/sandbox.ts";
import { judge, listMistakes, type Mistake } from "../../json/schema.ts";
import type { Warning } from "../finding.ts";
import type { Described } from "./metadata.ts";
import { isSemver } from "./semver.ts";

export function styleWarnings({ name, description, version, hasAbiVersion, permissions }: Described): Warning[] {
  const warnings: Warning[] = [];
  const warn = (code: Warning["code"], message: string, hint: string) =>
    warnings.push({ severity: "warning", code, message, hint });
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
  if (judged !== undefined && "mistakes" in judged) {
    const message = `permissions: ${listMistakes(judged.mistakes)}`;
    warn("PERMISSIONS_NOT_UNDERSTOOD", message, "They have the form of `sandbox` of plugin/load.");
  }
  return warnings;
}

/** @param mistakes what is wrong with what it says of itself as a tool @returns one warning for all of it, or none (A10) */
export function toolWarnings(mistakes: readonly Mistake[]): Warning[] {
  if (mistakes.length === 0) return [];
  const hint =
    "It is left out where the plugin is offered as a tool (dlrpc mcp). SPEC.md says in A10 and A11 what is taken.";
  return [{ severity: "warning", code: "TOOL_NOT_UNDERSTOOD", message: listMistakes(mistakes), hint }];
}
