// Owns who else may change a file or directory (T3).

export { changeableByOthers, foreignOwner, wayWritableByOthers, writableByOthers } from "../permission-bits.ts";
