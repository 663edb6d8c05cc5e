// Owns who may do what with a file or directory, for tests that change it.

import { toNamespacedPath } from "node:path";
import { advapi32, succeeded } from "../../../src/platform/windows/system-functions.ts";

const convert = advapi32("ConvertStringSecurityDescriptorToSecurityDescriptorW", "int", [
  "str16",
  "uint32_t",
  "void *",
  "void *",
]);
const setFileSecurity = advapi32("SetFileSecurityW", "int", ["str16", "uint32_t", "intptr_t"]);

const REVISION = 1;
const DACL = 4;

/** @param list in the security descriptor definition language: `D:P(A;;FA;;;WD)` lets everyone do everything */
export function setAccess(path: string, list: string): void {
  const address = Buffer.alloc(8);
  succeeded("ConvertStringSecurityDescriptorToSecurityDescriptorW", convert(list, REVISION, address, null));
  succeeded("SetFileSecurityW", setFileSecurity(toNamespacedPath(path), DACL, Number(address.readBigUInt64LE())));
}
