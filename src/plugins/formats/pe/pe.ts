// Reading a PE file: machine, kind, the names that it exports and the libraries that it needs.
import type { Kind, LibraryImage } from "../image.ts";
import { PeFile } from "./pe-file.ts";

const MACHINES: Readonly<Record<number, readonly [arch: string, name: string]>> = {
  332: ["ia32", "i386"],
  452: ["arm", "arm"],
  512: ["ia64", "ia64"],
  20580: ["riscv64", "riscv64"],
  25188: ["loong64", "loongarch64"],
  34404: ["x64", "x86_64"],
  43620: ["arm64", "arm64"],
};

const IMAGE_FILE_EXECUTABLE_IMAGE = 0x0002;
const IMAGE_FILE_DLL = 0x2000;

const EXPORTS = 0;
const IMPORTS = 1;
const DELAYED_IMPORTS = 13;
const CLR_HEADER = 14;

const EXPORT_DIRECTORY_SIZE = 40;
const IMPORT_SIZE = 20;
const DELAYED_IMPORT_SIZE = 32;
/** Of `Attributes` of a delayed import: what is in it are addresses as elsewhere, not those of compilers before 2002. */
const RELATIVE_ADDRESSES = 1;
/** The least of a CLR header, up to its `Flags` and with them. */
const CLR_HEADER_SIZE = 20;
const COMIMAGE_FLAGS_ILONLY = 1;

/**
 * Reads a PE image. Source: Microsoft's PE format specification; ECMA-335, II.25.3.3, for the CLR header.
 * @throws InspectionError when the file is truncated or contradicts itself, or is a program of DOS or 16-bit Windows
 */
export function inspectPe(bytes: Uint8Array): LibraryImage {
  const file = new PeFile(bytes);
  const [arch, archName] = MACHINES[file.machine] ?? ["unknown", `PE machine 0x${file.machine.toString(16)}`];
  const kind = kindOf(file);
  const isLibrary = kind === "library";
  return {
    format: "PE",
    platform: "win32",
    arch,
    archName,
    kind,
    exports: new Set(isLibrary ? collectExports(file) : []),
    needs: isLibrary ? imports(file) : [],
    wants: isLibrary ? delayedImports(file) : [],
    ownName: undefined,
    besides: isLibrary ? [""] : [],
    searched: [],
    strays: [],
  };
}

function kindOf(file: PeFile): Kind {
  if ((file.flags & IMAGE_FILE_DLL) === 0)
    return (file.flags & IMAGE_FILE_EXECUTABLE_IMAGE) === 0 ? "unknown" : "executable";
  return isAssembly(file) ? "assembly" : "library";
}

/** Whether there is nothing but .NET's own code in it; what C++/CLI compiles has functions besides. */
function isAssembly(file: PeFile): boolean {
  const address = file.directory(CLR_HEADER);
  if (address === 0) return false;
  const what = "the CLR header";
  const { start } = file.locate(address, CLR_HEADER_SIZE, what);
  return (file.reader.u32(start + 16, what) & COMIMAGE_FLAGS_ILONLY) !== 0;
}

/** The names GetProcAddress takes, forwarded ones included; what has no name but a number only is not among them. */
function collectExports(file: PeFile): string[] {
  const { reader } = file;
  const directory = file.directory(EXPORTS);
  if (directory === 0) return [];
  const what = "the export directory";
  const { start } = file.locate(directory, EXPORT_DIRECTORY_SIZE, what);
  const functionCount = reader.u32(start + 20, what);
  const nameCount = reader.u32(start + 24, what);
  if (nameCount === 0) return [];
  const table = (at: number, length: number) => file.locate(reader.u32(start + at, what), length, what).start;
  const functions = table(28, functionCount * 4);
  const names = table(32, nameCount * 4);
  const ordinals = table(36, nameCount * 2);
  const exported: string[] = [];
  for (let index = 0; index < nameCount; index++) {
    const ordinal = reader.u16(ordinals + index * 2, what);
    if (ordinal >= functionCount) throw reader.damaged(`${what} names function ${ordinal}, of ${functionCount}`);
    // A hole in the numbering is an address of 0.
    if (reader.u32(functions + ordinal * 4, what) !== 0)
      exported.push(file.name(reader.u32(names + index * 4, what), what));
  }
  return exported;
}

/** Its import directory: it ends with an entry that lacks a name or addresses to be filled in. */
function imports(file: PeFile): string[] {
  const what = "the import directory";
  const first = file.directory(IMPORTS);
  const names: string[] = [];
  for (let address = first; first !== 0; address += IMPORT_SIZE) {
    const { start } = file.locate(address, IMPORT_SIZE, what);
    const name = file.reader.u32(start + 12, what);
    if (name === 0 || file.reader.u32(start + 16, what) === 0) break;
    names.push(file.name(name, what));
  }
  return names;
}

/** What is loaded when one of its functions is called for the first time. */
function delayedImports(file: PeFile): string[] {
  const what = "the delayed import directory";
  const first = file.directory(DELAYED_IMPORTS);
  const names: string[] = [];
  for (let address = first; first !== 0; address += DELAYED_IMPORT_SIZE) {
    const { start } = file.locate(address, DELAYED_IMPORT_SIZE, what);
    const name = file.reader.u32(start + 4, what);
    if (name === 0 || (file.reader.u32(start, what) & RELATIVE_ADDRESSES) === 0) break;
    names.push(file.name(name, what));
  }
  return names;
}
