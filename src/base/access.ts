// Owns asking the system whether this user may do something with a file (access(2)).

import { accessSync } from "node:fs";

/** @param mode R_OK, W_OK, X_OK of node:fs's constants */
export function mayAccess(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
