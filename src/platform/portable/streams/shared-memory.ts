// Owns memory that this process shares with a worker: a nameless file, or on Windows a section.

import { SharedMemory as NamelessFile } from "../../posix/shared-memory.ts";
import { SharedMemory as Section } from "../../windows/shared-memory.ts";
import { system } from "../program/system.ts";

export type SharedMemory = NamelessFile | Section;
export const SharedMemory: new (bytes: number) => SharedMemory = system === "windows" ? Section : NamelessFile;
