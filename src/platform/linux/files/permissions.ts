// Owns who else may change a file or directory (T3).

export * from "../../both-halves/files/permission-bits.ts";
