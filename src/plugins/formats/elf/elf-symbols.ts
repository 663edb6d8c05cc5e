// The exported symbols of an ELF library: how many symbols the loader sees, and which of them others may use.
import type { Range } from "../reader.ts";
import type { ElfFile } from "./elf-file.ts";

const SHT_DYNSYM = 11;
const SHN_UNDEF = 0;
const EM_S390 = 22;
/** STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE */
const EXPORTED_BINDINGS: ReadonlySet<number> = new Set([1, 2, 10]);
/** STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_GNU_IFUNC */
const EXPORTED_TYPES: ReadonlySet<number> = new Set([0, 1, 2, 10]);
/** STV_DEFAULT, STV_PROTECTED */
const EXPORTED_VISIBILITIES: ReadonlySet<number> = new Set([0, 3]);

/** What the dynamic section says about symbols. Addresses are those of the segments, not of the file. */
export interface SymbolTables {
  readonly strings: Range;
  readonly symbols: bigint | undefined;
  readonly hash: bigint | undefined;
  readonly gnuHash: bigint | undefined;
}

/** Symbols `first` up to, not including, `end` of the table at `start`. */
interface Symbols {
  readonly start: number;
  readonly first: number;
  readonly end: number;
  readonly strings: Range;
}

/** The names that dlsym finds. Source: System V gABI, "Symbol Table" and "Hash Table". */
export function collectExports(elf: ElfFile, tables: SymbolTables): Set<string> {
  const { reader, layout } = elf;
  const names = new Set<string>();
  const symbols = loadedSymbols(elf, tables) ?? sectionSymbols(elf);
  if (symbols === undefined) return names;
  const what = "the dynamic symbol table";
  reader.need(symbols.start, symbols.end * layout.symbol.size, what);
  for (let index = symbols.first; index < symbols.end; index++) {
    const at = symbols.start + index * layout.symbol.size;
    const info = reader.u8(at + layout.symbol.info, what);
    const name = reader.u32(at, what);
    if (
      name !== 0 &&
      reader.u16(at + layout.symbol.shndx, what) !== SHN_UNDEF &&
      EXPORTED_BINDINGS.has(info >> 4) &&
      EXPORTED_TYPES.has(info & 0xf) &&
      EXPORTED_VISIBILITIES.has(reader.u8(at + layout.symbol.other, what) & 3)
    ) {
      names.add(reader.text(symbols.strings.start + name, symbols.strings.end, what));
    }
  }
  return names;
}

/** No field gives the length of the table that the loader uses; only the hash tables know how far it goes. */
function loadedSymbols(elf: ElfFile, tables: SymbolTables): Symbols | undefined {
  if (tables.symbols === undefined) return undefined;
  const { start } = elf.locate(tables.symbols, "the dynamic symbol table");
  if (tables.gnuHash !== undefined) return { start, ...countByGnuHash(elf, tables.gnuHash), strings: tables.strings };
  if (tables.hash !== undefined) {
    return { start, first: 0, end: countByHash(elf, tables.hash), strings: tables.strings };
  }
  return undefined;
}

/** The chain array has one entry a symbol. Source: gABI, "Hash Table". */
function countByHash(elf: ElfFile, address: bigint): number {
  const what = "the hash table";
  const { start } = elf.locate(address, what);
  // 64-bit s390 made the entries 8 bytes wide, and is the only machine here that did.
  return elf.machine === EM_S390 && elf.layout.bits === 64
    ? elf.position(start + 8, what)
    : elf.reader.u32(start + 4, what);
}

/**
 * Buckets hold the index of their first symbol; the symbols of a bucket follow each other, the last one marked by an
 * odd hash. So the table ends where the bucket that starts last does: one walk forwards, whatever the file says.
 */
function countByGnuHash(elf: ElfFile, address: bigint): { first: number; end: number } {
  const what = "the GNU hash table";
  const { reader } = elf;
  const table = elf.locate(address, what);
  const bucketCount = reader.u32(table.start, what);
  const first = reader.u32(table.start + 4, what);
  const bloomWords = reader.u32(table.start + 8, what);
  const buckets = table.start + 16 + bloomWords * (elf.layout.bits / 8);
  const chains = buckets + bucketCount * 4;
  reader.need(buckets, bucketCount * 4, what);
  let last = 0;
  for (let at = buckets; at < chains; at += 4) last = Math.max(last, reader.u32(at, what));
  // 0 marks an empty bucket.
  if (last === 0 || last < first) return { first: 0, end: 0 };
  while ((reader.u32(chains + (last - first) * 4, what) & 1) === 0) last += 1;
  return { first, end: last + 1 };
}

/** For the rare library with a hash table of another kind: the section headers, when they were left in. */
function sectionSymbols(elf: ElfFile): Symbols | undefined {
  const { reader, layout } = elf;
  const what = "the section header table";
  const table = elf.position(layout.header.shoff, what);
  const entrySize = reader.u16(layout.header.shentsize, what);
  const count = reader.u16(layout.header.shnum, what);
  if (table === 0 || entrySize !== layout.section.size) return undefined;
  reader.need(table, count * entrySize, what);
  const range = (index: number): Range => {
    const at = table + index * entrySize;
    const start = elf.position(at + layout.section.offset, what);
    const length = elf.position(at + layout.section.length, what);
    reader.need(start, length, `section ${index}`);
    return { start, end: start + length };
  };
  for (let index = 0; index < count; index++) {
    const at = table + index * entrySize;
    if (reader.u32(at + layout.section.type, what) === SHT_DYNSYM) {
      const { start, end } = range(index);
      const link = reader.u32(at + layout.section.link, what);
      if (link >= count) throw reader.damaged(`its dynamic symbol table takes names from section ${link}, of ${count}`);
      return { start, first: 0, end: Math.floor((end - start) / layout.symbol.size), strings: range(link) };
    }
  }
  return undefined;
}
