// Owns a command and all that it starts.

export { type Group, type GroupOptions, startGroup } from "../../both-halves/processes/posix-group.ts";
