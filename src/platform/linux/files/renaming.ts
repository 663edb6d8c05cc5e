// Giving names to files and directories that were just written, so that it lasts.

export { renameSync as renameWritten } from "node:fs";
export { syncDirectory } from "../../both-halves/files/synced-directory.ts";
