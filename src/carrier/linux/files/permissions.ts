// Owns who else may change a file or directory (T3).

export {
  changeableByOthers,
  foreignOwner,
  wayWritableByOthers,
  writableByOthers,
} from "../../both-halves/files/permission-bits.ts";
