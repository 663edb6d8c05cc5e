// Owns the comparison of a library's metadata with the plugin.json that it was found by (A9).

import type { Problem } from "../../../protocol/messages.ts";
import { excerpt } from "../../json/document.ts";
import { toProblem } from "../finding.ts";
import type { Metadata } from "./metadata.ts";

/** @returns one warning for all members that differ, or none; only a library that runs can be asked */
export function differingMetadata(manifest: Metadata, metadata: Metadata): Problem[] {
  const differences = (["name", "version"] as const)
    .filter((member) => manifest[member] !== metadata[member])
    .map(
      (member) =>
        `${member} is ${quote(manifest[member])} in plugin.json and ${quote(metadata[member])} in the library`,
    );
  if (differences.length === 0) return [];
  return [
    toProblem({
      severity: "warning",
      code: "METADATA_DIFFERS",
      message: differences.join(", "),
      hint: "Is it the library of another plugin or release? Else write in plugin.json what the library says.",
    }),
  ];
}

/** A version may be as long as all of the metadata. */
function quote(value: string): string {
  return JSON.stringify(excerpt(Buffer.from(value)));
}
