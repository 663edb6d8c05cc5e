// Owns opening what is granted: to name it, not to read it.

import { closeSync, fstatSync, openSync } from "node:fs";
import { closing } from "../../../base/closing.ts";
import { checked, libc } from "../../../ffi/libc.ts";
import { O_PATH, O_PATH_NOFOLLOW } from "../kernel/descriptors.ts";

const openAt = libc("openat", "int", ["int", "str", "int"]);

/** Opens a file or directory to name it, not to read it (open(2), O_PATH); links are followed. @throws as node:fs */
export function openToName(path: string): number {
  return openSync(path, O_PATH);
}

/**
 * Opens a file or directory by its absolute path to name it, not to read it (open(2), O_PATH); no part may be a link.
 * @throws Error naming the error, ELOOP for a link
 */
export function openWithoutLinks(path: string): number {
  const [first = "", ...parts] = path.split("/").filter((part) => part !== "");
  let descriptor = openNoLink(0, `/${first}`, path);
  for (const part of parts) {
    using _ = closing(descriptor);
    descriptor = openNoLink(descriptor, part, path);
  }
  return descriptor;
}

function openNoLink(parent: number, part: string, path: string): number {
  const descriptor = checked(`open of ${path}`, openAt(parent, part, O_PATH_NOFOLLOW));
  if (!fstatSync(descriptor).isSymbolicLink()) return descriptor;
  closeSync(descriptor);
  throw new Error(`open of ${path}: ELOOP`);
}
