// Owns setting the times of files to the nanosecond (utimensat(2)), which Node cannot.

import { checked, libc } from "../../../ffi/libc.ts";
import { pathOf } from "../files/nameless-file.ts";

const AT_FDCWD = -100;

const utimensat = libc("utimensat", "int", ["int", "str", "void *", "int"]);

/**
 * @param descriptor open on the file in any way; on a link, it is the link's own times
 * @param times two struct timespec, last access and last change; null for now
 * @throws CallError
 */
export function setTimes(descriptor: number, times: Uint8Array | null): void {
  checked("utimensat", utimensat(AT_FDCWD, pathOf(descriptor), times, 0));
}
