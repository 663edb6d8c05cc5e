// Memory that this process shares with one that it starts (memfd_create(2)), and behind it the shared buffer (frames.ts).

import { BUFFER_BYTES, BUFFER_OFFSET } from "../../../../native/frames/frames.ts";
import type { Address } from "../../../ffi/ffi.ts";
import { MappedFile } from "../../both-halves/mapped-file.ts";
import { memoryFile, sealMemoryFileLength } from "../kernel/descriptors.ts";
import { isLimited, Resource } from "../processes/limits.ts";

export class SharedMemory extends MappedFile {
  /** Where the buffer is; there is no view of it: V8 would reckon with all of it as if it were in use. */
  readonly buffer: Address | undefined;

  /** @throws CallError */
  constructor(bytes: number) {
    // So many more are for those who are limited in nothing: they count for the worker, too.
    const hasBuffer = !isLimited(Resource.fileSize) && !isLimited(Resource.addresses);
    const mappedBytes = hasBuffer ? BUFFER_OFFSET + BUFFER_BYTES : bytes;
    super(memoryFile("control-block"), bytes, sealMemoryFileLength, mappedBytes); // a plugin has it, too
    this.buffer = hasBuffer ? this.address + BUFFER_OFFSET : undefined;
  }
}
