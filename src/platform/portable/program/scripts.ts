// Owns which scripts this program is made of: those of the portable half.

/** What starts first. */
export const mainScript = "dlrpc.portable.cjs";

/** @param part `serve` or `verbs` @returns its name, without an ending */
export function scriptName(part: string): string {
  return `${part}.portable`;
}
