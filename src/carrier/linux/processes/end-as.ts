// Ending this program as a signal does that it has heard.

export { endAs } from "../../both-halves/processes/posix-end.ts";
