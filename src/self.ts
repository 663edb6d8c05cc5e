// Owns how this program starts itself again: as a worker process, or as a thread.

/** The script of this program; the bundle is one CommonJS file. */
export const ownScript = __filename;

/** The command that starts this program with the given arguments. */
export function ownCommand(...args: string[]): { file: string; args: string[] } {
  return { file: process.execPath, args: [ownScript, ...args] };
}
