// Packages for agents as tests see them: what is in a .zip, and a program that stands in for dlrpc's single executable, which only a
// release has.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";

export interface ZippedFile {
  readonly mode: number;
  readonly text: string;
}

const CENTRAL_ENTRY = 0x02014b50;
const END = 0x06054b50;

/** The files of a .zip in the order of its directory. */
export function readZip(path: string): Map<string, ZippedFile> {
  const bytes = readFileSync(path);
  const contents = unzipSync(bytes);
  const files = new Map<string, ZippedFile>();
  let at = bytes.readUInt32LE(bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1")) + 16);
  while (bytes.readUInt32LE(at) === CENTRAL_ENTRY) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    const mode = bytes.readUInt16LE(at + 40);
    files.set(name, { mode, text: Buffer.from(contents[name] as Uint8Array).toString("latin1") });
    at += 46 + nameLength + extraLength + commentLength;
  }
  if (bytes.readUInt32LE(at) !== END) throw new Error(`${path} does not end behind its directory`);
  return files;
}

/** Programs that print their arguments, a line each. */
export class StandIns {
  readonly own: string;
  /** The same for the other processor of Linux: it cannot be run here. */
  readonly other: string;

  constructor(directory: string) {
    const source = join(directory, "stand-in.c");
    const lines =
      "#include <stdio.h>\nint main(int n, char **v) { for (int i = 1; i < n; i++) puts(v[i]); return 0; }\n";
    writeFileSync(source, lines);
    this.own = join(directory, "stand-in");
    this.other = join(directory, "stand-in-other");
    execFileSync("cc", ["-o", this.own, source]);
    const bytes = readFileSync(this.own);
    bytes.writeUInt16LE(process.arch === "arm64" ? MACHINES.x64 : MACHINES.arm64, E_MACHINE);
    writeFileSync(this.other, bytes, { mode: 0o755 });
  }
}

/** elf(5) */
const E_MACHINE = 18;
const MACHINES = { x64: 62, arm64: 183 };
