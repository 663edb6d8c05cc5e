// Owns which scripts this program is made of: Linux has those of its own half, and npm's package has both.

const half = process.platform === "linux" ? "" : ".portable";

/** What starts first. */
export const mainScript = "dlrpc.cjs";

/** @param part `serve` or `verbs` @returns its name, without an ending */
export function scriptName(part: string): string {
  return `${part}${half}`;
}
