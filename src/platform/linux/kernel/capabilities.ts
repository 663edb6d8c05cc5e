// Owns doing something without the privileges that this process may have (capabilities(7)).

import { checked, libc } from "../../../ffi/libc.ts";

const VERSION = 0x20080522; // _LINUX_CAPABILITY_VERSION_3
/** Of struct __user_cap_data_struct, which there are two of: effective, permitted, inheritable. */
const WORDS = 6;
const EFFECTIVE = [0, 3];

const capget = libc("capget", "int", ["void *", "void *"]);
const capset = libc("capset", "int", ["void *", "void *"]);

const itself = Buffer.from(Uint32Array.of(VERSION, 0).buffer);
let all: Uint32Array | undefined;

/** Has the system judge what `action` does as it judges others of the same user. @returns what it returns */
export function withoutCapabilities<T>(action: () => T): T {
  all ??= ownCapabilities();
  if (EFFECTIVE.every((index) => all?.[index] === 0)) return action();
  use(all.map((word, index) => (EFFECTIVE.includes(index) ? 0 : word)));
  try {
    return action();
  } finally {
    use(all);
  }
}

function ownCapabilities(): Uint32Array {
  const bytes = Buffer.alloc(WORDS * Uint32Array.BYTES_PER_ELEMENT);
  checked("capget", capget(itself, bytes));
  return Uint32Array.from({ length: WORDS }, (_, index) => bytes.readUInt32LE(index * Uint32Array.BYTES_PER_ELEMENT));
}

/** They are the thread's: all that runs meanwhile on others goes on as before. */
function use(words: Uint32Array): void {
  checked("capset", capset(itself, Buffer.from(words.buffer)));
}
