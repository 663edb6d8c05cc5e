// Owns writing to a console: in UTF-16, whatever code page it has for bytes, and so that it obeys escape sequences.

import { StringDecoder } from "node:string_decoder";
import { handleOf } from "./handles.ts";
import { BOOL, DWORD, HANDLE, kernel32, POINTER, succeeded } from "./system-functions.ts";

const ENABLE_VIRTUAL_TERMINAL_PROCESSING = 0x4;
/** In UTF-16 units; consoles of old take 64 KiB at once. */
const MOST_AT_ONCE = 8192;

const getConsoleMode = kernel32("GetConsoleMode", BOOL, [HANDLE, POINTER]);
const setConsoleMode = kernel32("SetConsoleMode", BOOL, [HANDLE, DWORD]);
const writeConsoleW = kernel32("WriteConsoleW", BOOL, [HANDLE, POINTER, DWORD, POINTER, POINTER]);

interface Console {
  readonly handle: number;
  /** What is written may end within a character. */
  readonly decoder: StringDecoder;
}

const consoles = new Map<number, Console>();

/** @param descriptor one that is open on a console @throws WindowsError */
export function writeConsole(descriptor: number, bytes: Buffer): void {
  const known = consoles.get(descriptor) ?? open(descriptor);
  consoles.set(descriptor, known);
  const text = known.decoder.write(bytes);
  for (let begin = 0; begin < text.length; ) {
    const end = endOfPart(text, begin);
    const part = Buffer.from(text.slice(begin, end), "utf16le");
    succeeded("WriteConsoleW", writeConsoleW(known.handle, part, end - begin, Buffer.alloc(4), null));
    begin = end;
  }
}

/** Not between the two halves of a character. */
function endOfPart(text: string, begin: number): number {
  const end = Math.min(begin + MOST_AT_ONCE, text.length);
  const isSplit = end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1));
  return isSplit ? end - 1 : end;
}

function open(descriptor: number): Console {
  const handle = handleOf(descriptor);
  const mode = Buffer.alloc(4);
  succeeded("GetConsoleMode", getConsoleMode(handle, mode));
  succeeded("SetConsoleMode", setConsoleMode(handle, mode.readUInt32LE() | ENABLE_VIRTUAL_TERMINAL_PROCESSING));
  return { handle, decoder: new StringDecoder("utf8") };
}
