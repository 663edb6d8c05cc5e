// Memory that this process shares with one that it starts (memfd_create(2)).

import { MappedFile } from "../../both-halves/mapped-file.ts";
import { memoryFile, sealMemoryFileLength } from "../kernel/descriptors.ts";

export class SharedMemory extends MappedFile {
  /** @throws CallError */
  constructor(bytes: number) {
    super(memoryFile("control-block"), bytes, sealMemoryFileLength); // a plugin has it, too
  }
}
