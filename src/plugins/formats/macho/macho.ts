// Mach-O files as a whole: a thin one is one image, a universal one has an image in each of its slices.
import type { LibraryImage } from "../image.ts";
import { ByteReader, InspectionError } from "../reader.ts";
import { inspectMachImage, isMachMagic } from "./macho-image.ts";

const FAT_MAGIC = 0xcafebabe;
const FAT_MAGIC_64 = 0xcafebabf;

/** A Java class file begins like a universal file and has its version, 45 or more, where that counts its slices. */
const MOST_SLICES = 44;

interface Slice {
  readonly index: number;
  readonly cpu: number;
  readonly start: number;
  readonly length: number;
}

/** Whether a file whose first four bytes are `magic`, read big-endian, is for inspectMachO. */
export function isMachO(magic: number): boolean {
  return isUniversal(magic) || isMachMagic(magic);
}

/**
 * Reads a Mach-O file, thin or universal. Source: Apple's mach-o/loader.h and mach-o/fat.h.
 * @throws InspectionError when the file is truncated or contradicts itself
 */
export function inspectMachO(bytes: Uint8Array): LibraryImage[] {
  // The header of a universal file is big-endian, whatever its slices are.
  const reader = new ByteReader(bytes, "universal Mach-O", false);
  if (!isUniversal(reader.u32(0, "the header"))) return [inspectMachImage(bytes, "Mach-O")];
  const count = reader.u32(4, "the header");
  if (count > MOST_SLICES) throw new InspectionError("a Java class file");
  if (count === 0) throw reader.damaged("it has no slices");
  const slices = Array.from({ length: count }, (_, index) => readSlice(reader, index));
  refuseOverlap(reader, slices);
  return slices.map(({ index, cpu, start, length }) =>
    inspectMachImage(bytes.subarray(start, start + length), `Mach-O (slice ${index})`, cpu),
  );
}

function isUniversal(magic: number): boolean {
  return magic === FAT_MAGIC || magic === FAT_MAGIC_64;
}

function readSlice(reader: ByteReader, index: number): Slice {
  const what = `slice ${index}`;
  const wide = reader.u32(0, what) === FAT_MAGIC_64;
  const at = 8 + index * (wide ? 32 : 20);
  const start = wide ? reader.position(reader.u64(at + 8, what), what) : reader.u32(at + 8, what);
  const length = wide ? reader.position(reader.u64(at + 16, what), what) : reader.u32(at + 12, what);
  reader.need(start, length, what);
  return { index, cpu: reader.u32(at, what), start, length };
}

/** Slices that share bytes would multiply the work, and what is kept, by their number. */
function refuseOverlap(reader: ByteReader, slices: readonly Slice[]): void {
  const ordered = slices.toSorted((a, b) => a.start - b.start);
  for (const [position, slice] of ordered.entries()) {
    const before = ordered[position - 1];
    if (before !== undefined && before.start + before.length > slice.start) {
      throw reader.damaged(`its slices ${before.index} and ${slice.index} overlap`);
    }
  }
}
