// Owns which file an open descriptor is on: a path may lead elsewhere by then.

import { constants } from "node:fs";

export { pathIfSame as placeOf } from "../../both-halves/files/opened-file.ts";

/** For reading neither a link put there since the path was resolved, nor a FIFO that blocks its reader; Windows has neither flag. */
export const OPEN_WITHOUT_LINK = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
