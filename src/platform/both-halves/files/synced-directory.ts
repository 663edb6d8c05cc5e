// Putting the names in a directory on the disk (fsync(2)).

import { fsyncSync, openSync } from "node:fs";
import { closing } from "../../../base/closing.ts";

/** @throws as node:fs */
export function syncDirectory(path: string): void {
  const descriptor = openSync(path, "r");
  using _ = closing(descriptor);
  fsyncSync(descriptor);
}
