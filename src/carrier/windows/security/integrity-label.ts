// Owns labels of integrity: who may write to a directory though it has given up writing elsewhere.

import { advapi32, kernel32, succeeded, WindowsError } from "../system-functions.ts";

const descriptorOfText = advapi32("ConvertStringSecurityDescriptorToSecurityDescriptorW", "int", [
  "str16",
  "uint32_t",
  "void *",
  "void *",
]);
const sacl = advapi32("GetSecurityDescriptorSacl", "int", ["uintptr_t", "void *", "void *", "void *"]);
const setNamedSecurityInfo = advapi32("SetNamedSecurityInfoW", "uint32_t", [
  "str16",
  "int",
  "uint32_t",
  "uintptr_t",
  "uintptr_t",
  "uintptr_t",
  "uintptr_t",
]);
const localFree = kernel32("LocalFree", "uintptr_t", ["uintptr_t"]);

/** A mandatory label (ML) of low integrity (LW): from below it nobody writes (NW). What is made in there inherits it. */
const LOW = "S:(ML;OICI;NW;;;LW)";
const REVISION = 1;
const SE_FILE_OBJECT = 1;
const LABEL_SECURITY_INFORMATION = 0x10;
const POINTER_BYTES = 8;

/**
 * Lets processes of low integrity write to a directory of this user's, and to what is made in it from now on.
 * @throws WindowsError where its file system has no labels, such as FAT
 */
export function labelLow(directory: string): void {
  const out = Buffer.alloc(POINTER_BYTES);
  succeeded("ConvertStringSecurityDescriptorToSecurityDescriptor", descriptorOfText(LOW, REVISION, out, null));
  const descriptor = Number(out.readBigUInt64LE());
  try {
    succeeded("GetSecurityDescriptorSacl", sacl(descriptor, Buffer.alloc(4), out, Buffer.alloc(4)));
    const list = Number(out.readBigUInt64LE());
    const error = setNamedSecurityInfo(directory, SE_FILE_OBJECT, LABEL_SECURITY_INFORMATION, 0, 0, 0, list);
    if (error !== 0) throw new WindowsError("SetNamedSecurityInfo", error);
  } finally {
    localFree(descriptor);
  }
}
