// Owns labels of integrity: who may write to a directory though it has given up writing elsewhere.

import {
  advapi32,
  BOOL,
  DWORD,
  kernel32,
  LPCWSTR,
  POINTER,
  succeeded,
  ULONG_PTR,
  WindowsError,
} from "../system-functions.ts";

const descriptorOfText = advapi32("ConvertStringSecurityDescriptorToSecurityDescriptorW", BOOL, [
  LPCWSTR,
  DWORD,
  POINTER,
  POINTER,
]);
const sacl = advapi32("GetSecurityDescriptorSacl", BOOL, [ULONG_PTR, POINTER, POINTER, POINTER]);
const setNamedSecurityInfo = advapi32("SetNamedSecurityInfoW", DWORD, [
  LPCWSTR,
  "int",
  DWORD,
  ULONG_PTR,
  ULONG_PTR,
  ULONG_PTR,
  ULONG_PTR,
]);
const localFree = kernel32("LocalFree", ULONG_PTR, [ULONG_PTR]);

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
