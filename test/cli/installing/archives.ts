// Archives as nobody's tool makes them: each entry is written as it is said.

import { crc32, deflateRawSync, gzipSync } from "node:zlib";

export interface Entry {
  readonly name: string;
  readonly content?: string | Buffer;
  readonly mode?: number;
}

export interface TarEntry extends Entry {
  /** As tar(5) has it: "0" is a file, "1" and "2" are links, "3" to "6" devices, directories and FIFOs. */
  readonly type?: string;
  readonly link?: string;
  /** What the header says, where that is not the content's length. */
  readonly size?: number;
}

export interface ZipEntry extends Entry {
  readonly bytes?: number;
  readonly crc?: number;
  readonly method?: number;
  readonly flags?: number;
  /** Beside the file, where that is not what the directory says. */
  readonly localName?: string;
  /** The kind of the file, as Linux has it in modes. */
  readonly kind?: number;
}

const BLOCK = 512;

/** @param end whether the two empty blocks are there that end an archive */
export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? "");
    return [header(entry, content.length), content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

export function tarGz(entries: readonly TarEntry[]): Buffer {
  return gzipSync(tar(entries));
}

function header({ name, mode = 0o644, type = "0", link = "", size }: TarEntry, length: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number) =>
    block.write(`${value.toString(8).padStart(digits, "0")}\0`, at);
  block.write(name, 0, 100);
  octal(mode, 100, 7);
  octal(12345, 108, 7);
  octal(12345, 116, 7);
  octal(size ?? length, 124, 11);
  octal(0, 136, 11);
  block.write("        ", 148);
  block.write(type, 156);
  block.write(link, 157, 100);
  block.write("ustar\x0000", 257, "latin1");
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  return block;
}

export function zip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? "");
    const { name, mode = 0o644, kind = 0o100000, method = 8, flags = 1 << 11, localName = name } = entry;
    const packed = method === 8 ? deflateRawSync(content) : content;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(entry.crc ?? crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(entry.bytes ?? content.length, 18);
    const local = Buffer.from(common);
    local.writeUInt16LE(Buffer.byteLength(localName), 22);
    const file = Buffer.concat([u32(0x04034b50), local, Buffer.from(localName), packed]);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((kind | mode) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(u32(0x02014b50), Buffer.from([20, 3]), common, rest, Buffer.from(name));
    files.push(file);
    offset += file.length;
  }
  const entriesOfDirectory = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(entriesOfDirectory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, entriesOfDirectory, u32(0x06054b50), end]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
