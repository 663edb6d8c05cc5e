// Owns keeping the protocol's streams to the protocol: what else in this process reads stdin finds it empty, and what
// writes to stdout writes to stderr. Each C runtime has descriptors of its own over the same handles: that of node.exe is
// linked into it, and others are the system's.

import { openSync } from "node:fs";
import { nativeFunction } from "../../ffi/ffi.ts";
import type { ProtocolStreams } from "../both-halves/protocol-streams.ts";
import { handleOf, notExported, THIS_PROCESS } from "./handles.ts";
import { BOOL, DWORD, HANDLE, kernel32, POINTER, succeeded, systemFunction } from "./system-functions.ts";

const duplicateHandle = kernel32("DuplicateHandle", BOOL, [HANDLE, HANDLE, HANDLE, POINTER, DWORD, BOOL, DWORD]);
const setHandleInformation = kernel32("SetHandleInformation", BOOL, [HANDLE, DWORD, DWORD]);
const setStdHandle = kernel32("SetStdHandle", BOOL, [DWORD, HANDLE]);
const getFileType = kernel32("GetFileType", DWORD, [HANDLE]);
const descriptorOf = nativeFunction("uv_open_osfhandle", "int", ["intptr_t"]) ?? notExported;

const [STDIN, STDOUT, STDERR] = [0, 1, 2];
const STD_INPUT_HANDLE = 0xfffffff6;
const STD_OUTPUT_HANDLE = 0xfffffff5;
const HANDLE_BYTES = 8;
const SAME_ACCESS = 2;
const NOT_INHERITED = 0;
const INHERITED = 1;
const PROTECT_FROM_CLOSE = 2;
const FILE_TYPE_PIPE = 3;
const EMPTY = "\\\\.\\NUL";
const READ_ONLY = 0;
const runtimes = ["ucrtbase.dll", "msvcrt.dll"] as const;

/** To be called once, before `process.stdin` and `process.stdout` are used. @throws WindowsError */
export function takeProtocolStreams(): ProtocolStreams {
  const taken = { inputDescriptor: duplicate(STDIN), outputDescriptor: duplicate(STDOUT) };
  for (const descriptor of [STDIN, STDOUT]) {
    // Else the runtimes below close it, and node.exe's descriptor is one for whatever gets the handle's number next.
    const result = setHandleInformation(handleOf(descriptor), PROTECT_FROM_CLOSE, PROTECT_FROM_CLOSE);
    succeeded("SetHandleInformation", result);
  }
  succeeded("SetStdHandle", setStdHandle(STD_INPUT_HANDLE, handleOf(openSync(EMPTY, "r"))));
  succeeded("SetStdHandle", setStdHandle(STD_OUTPUT_HANDLE, handleOf(STDERR)));
  for (const runtime of runtimes) redirectIn(runtime);
  Object.defineProperty(process, "stdout", { get: () => process.stderr }); // node.exe's own descriptor stays what it was
  return taken;
}

/** Whether a descriptor is of a pipe, anonymous or with a name: it is to be read as a socket is, and not as a file. */
export function isPipe(descriptor: number): boolean {
  return getFileType(handleOf(descriptor)) === FILE_TYPE_PIPE;
}

/** A descriptor of node.exe's for what `descriptor` is open on, that nothing else has. */
function duplicate(descriptor: number): number {
  const copy = Buffer.alloc(HANDLE_BYTES);
  const result = duplicateHandle(THIS_PROCESS, handleOf(descriptor), THIS_PROCESS, copy, 0, NOT_INHERITED, SAME_ACCESS);
  succeeded("DuplicateHandle", result);
  const taken = descriptorOf(Number(copy.readBigInt64LE()));
  if (taken === -1) throw new Error("uv_open_osfhandle: there are no more descriptors");
  return taken;
}

/** A C runtime that has no stderr, as it had none when it was loaded, prints nowhere. */
function redirectIn(runtime: (typeof runtimes)[number]): void {
  const open = systemFunction(runtime, "_open", "int", ["str", "int"]);
  const dup2 = systemFunction(runtime, "_dup2", "int", ["int", "int"]);
  const close = systemFunction(runtime, "_close", "int", ["int"]);
  const handle = systemFunction(runtime, "_get_osfhandle", "intptr_t", ["int"]);
  const empty = open(EMPTY, READ_ONLY);
  if (empty === -1) throw new Error(`${runtime}: ${EMPTY} cannot be opened: there are no more descriptors`);
  dup2(empty, STDIN);
  if (dup2(STDERR, STDOUT) === -1) dup2(empty, STDOUT);
  close(empty);
  // What _dup2 makes is for child processes, too: a plugin could write to dlrpc's stderr.
  for (const descriptor of [STDIN, STDOUT])
    succeeded("SetHandleInformation", setHandleInformation(handle(descriptor), INHERITED, NOT_INHERITED));
}
