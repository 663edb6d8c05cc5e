// Finding the line of the source that an address came from: by .debug_line, where a library was built with -g. Source:
// DWARF 5, section 6.2, and versions 2 to 4, which differ in the lists of files.

import { join } from "node:path";
import type { ElfOnDisk } from "../elf/elf-on-disk.ts";
import { InspectionError } from "../reader.ts";
import { DwarfCursor } from "./dwarf-cursor.ts";

export interface SourceLine {
  /** As the compiler was given it. */
  readonly file: string;
  readonly line: number;
}

/** @returns by address, for those of which the file says it @throws InspectionError */
export function sourceLinesAt(elf: ElfOnDisk, addresses: readonly number[]): Map<number, SourceLine> {
  const found = new Map<number, SourceLine>();
  const bytes = elf.section(".debug_line");
  if (bytes === undefined) return found;
  const texts = new Map([
    [FORM_LINE_STRP, elf.section(".debug_line_str")],
    [FORM_STRP, elf.section(".debug_str")],
  ]);
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUInt32LE(at);
    if (end > bytes.length) throw new InspectionError("a line table that ends too soon");
    readUnit(new DwarfCursor(bytes.subarray(at + 4, end)), texts, (from, to, fileOf, line) => {
      for (const address of addresses) {
        if (address >= from && address < to && line > 0) found.set(address, { file: fileOf(), line });
      }
    });
    at = end;
  }
  return found;
}

const FORM_STRP = 0x0e;
const FORM_LINE_STRP = 0x1f;
const PATH = 1;
const DIRECTORY = 2;

type Texts = ReadonlyMap<number, Buffer | undefined>;
type Tell = (from: number, to: number, fileOf: () => string, line: number) => void;

interface File {
  readonly name: string;
  readonly directory: number;
}

/** What one source file and all that it includes became. */
function readUnit(unit: DwarfCursor, texts: Texts, tell: Tell): void {
  const version = unit.number(2);
  if (version < 2 || version > 5) return;
  if (version === 5) unit.skip(2); // sizes of addresses, which are 8 and 0
  const program = unit.number(4) + unit.at;
  const step = unit.byte();
  if (version >= 4) unit.skip(1); // operations an instruction: 1
  unit.skip(1);
  const lineBase = unit.number(1, true);
  const lineRange = unit.byte();
  const lengths = Array.from({ length: Math.max(0, unit.byte() - 1) }, () => unit.byte());
  if (lineRange === 0) throw new InspectionError("a line table without lines");
  const { directories, files } = version === 5 ? listsOf5(unit, texts) : listsBefore5(unit);
  const nameOf = (number: number): string => {
    const file = files[number];
    if (file === undefined) return "?";
    return file.directory === 0 ? file.name : join(directories[file.directory] ?? "", file.name);
  };
  unit.at = program;
  runLines(unit, { step, lineBase, lineRange, lengths }, (from, to, file, line) =>
    tell(from, to, () => nameOf(file), line),
  );
}

interface Form {
  readonly step: number;
  readonly lineBase: number;
  readonly lineRange: number;
  /** Of the operands of the first codes. */
  readonly lengths: readonly number[];
}

/** The instructions of DWARF 5, tables 7.25 and 7.26. */
function runLines(
  unit: DwarfCursor,
  { step, lineBase, lineRange, lengths }: Form,
  tell: (from: number, to: number, file: number, line: number) => void,
): void {
  const first = { address: 0, file: 1, line: 1 };
  let now = { ...first };
  let row: typeof first | undefined;
  const emit = () => {
    if (row !== undefined && row.address < now.address) tell(row.address, now.address, row.file, row.line);
    row = { ...now };
  };
  const advance = (code: number) => {
    now.address += Math.floor((code - lengths.length - 1) / lineRange) * step;
  };
  while (!unit.isAtEnd) {
    const code = unit.byte();
    if (code > lengths.length) {
      advance(code);
      now.line += lineBase + ((code - lengths.length - 1) % lineRange);
      emit();
    } else if (code === 0) {
      const length = unit.unsigned();
      const end = unit.at + length;
      const extended = length === 0 ? 0 : unit.byte();
      if (extended === 1) {
        emit();
        now = { ...first };
        row = undefined;
      } else if (extended === 2) {
        now.address = unit.number(8);
      }
      unit.at = end;
    } else if (code === 1) emit();
    else if (code === 2) now.address += unit.unsigned() * step;
    else if (code === 3) now.line += unit.signed();
    else if (code === 4) now.file = unit.unsigned();
    else if (code === 8) advance(255);
    else if (code === 9) now.address += unit.number(2);
    else for (let left = lengths[code - 1] ?? 0; left > 0; left--) unit.unsigned();
  }
}

/** Numbers begin with 1: 0 is the directory in which the compiler ran. */
function listsBefore5(unit: DwarfCursor): { directories: string[]; files: File[] } {
  const directories = [""];
  for (let text = unit.text(); text !== ""; text = unit.text()) directories.push(text);
  const files: File[] = [{ name: "?", directory: 0 }];
  for (let name = unit.text(); name !== ""; name = unit.text()) {
    files.push({ name, directory: unit.unsigned() });
    unit.unsigned();
    unit.unsigned();
  }
  return { directories, files };
}

function listsOf5(unit: DwarfCursor, texts: Texts): { directories: string[]; files: File[] } {
  const directories = entriesOf5(unit, texts).map(({ name }) => name);
  return { directories, files: entriesOf5(unit, texts) };
}

function entriesOf5(unit: DwarfCursor, texts: Texts): File[] {
  const forms = Array.from({ length: unit.byte() }, () => [unit.unsigned(), unit.unsigned()] as const);
  const count = unit.unsigned();
  const entries: File[] = [];
  if (forms.length === 0) return entries;
  while (entries.length < count) {
    let [name, directory] = ["?", 0];
    for (const [what, form] of forms) {
      const value = formOf(unit, form, texts);
      if (what === PATH && typeof value === "string") name = value;
      if (what === DIRECTORY && typeof value === "number") directory = value;
    }
    entries.push({ name, directory });
  }
  return entries;
}

/** The forms of DWARF 5, section 7.5.6, that compilers use here. */
function formOf(unit: DwarfCursor, form: number, texts: Texts): string | number | undefined {
  switch (form) {
    case 0x08: // string
      return unit.text();
    case FORM_STRP:
    case FORM_LINE_STRP: {
      const at = unit.number(4);
      const bytes = texts.get(form);
      return bytes === undefined || at > bytes.length ? undefined : new DwarfCursor(bytes, at).text();
    }
    case 0x0b: // data1
      return unit.byte();
    case 0x05: // data2
      return unit.number(2);
    case 0x0f: // udata
      return unit.unsigned();
    case 0x1e: // data16, a hash
      unit.skip(16);
      return undefined;
    default:
      throw new InspectionError(`a line table with the form ${form}`);
  }
}
