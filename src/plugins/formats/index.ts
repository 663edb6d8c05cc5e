// The way in: which format a library has, what it holds, and which of its images this machine can load.
import type { CLibrary } from "#platform/program/system";
import { ownSystem } from "../libraries/platform-directory.ts";
import { inspectElf } from "./elf/elf.ts";
import type { Kind, LibraryImage, Platform } from "./image.ts";
import { inspectMachO, isMachO } from "./macho/macho.ts";
import { inspectPe } from "./pe/pe.ts";
import { InspectionError } from "./reader.ts";
import { describeUnrecognised } from "./unrecognised.ts";

export type { Kind, LibraryImage, Platform } from "./image.ts";
export { InspectionError } from "./reader.ts";

const ELF_MAGIC = 0x7f454c46;
const DOS_MAGIC = 0x4d5a;

const PLATFORM_NAMES: Readonly<Record<Platform, string>> = {
  linux: "Linux",
  darwin: "macOS",
  win32: "Windows",
  freebsd: "FreeBSD",
  netbsd: "NetBSD",
  openbsd: "OpenBSD",
  sunos: "Solaris",
  ios: "iOS",
  unknown: "unknown-system",
};

const KIND_NAMES: Readonly<Record<Kind, string>> = {
  library: "library",
  assembly: ".NET assembly",
  executable: "executable",
  object: "object file",
  core: "core dump",
  stub: "link-time stub",
  debug: "debug information",
  unknown: "file of unknown kind",
};

/** How the compilers of ELF systems spell what process.arch spells otherwise. */
const ELF_ARCH_NAMES: Readonly<Record<string, string>> = {
  arm64: "aarch64",
  loong64: "loongarch64",
  ppc64: "ppc64le",
};
const ARCH_NAMES: Readonly<Record<string, string>> = { ia32: "i386", x64: "x86_64" };

/**
 * Reads what a shared library is from its bytes alone; none of its code runs. Takes time and memory in proportion to
 * the size of the file, whatever is in it.
 * @returns one image, or those of a universal Mach-O file in their order; never none
 * @throws InspectionError, and nothing else, saying what the file is instead
 */
export function inspectLibrary(bytes: Uint8Array): LibraryImage[] {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const magic = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  if (magic === ELF_MAGIC) return [inspectElf(bytes)];
  if (isMachO(magic)) return inspectMachO(bytes);
  if (magic >>> 16 === DOS_MAGIC) return [inspectPe(bytes)];
  throw new InspectionError(describeUnrecognised(bytes));
}

/** Why a file cannot be loaded. */
export interface Misfit {
  /** As a noun phrase what was found and what is needed: "aarch64 library, x86_64 needed", "Windows (PE) library, Linux needed". */
  readonly mismatch: string;
  readonly reason: "other-platform" | "not-a-library";
}

/** The image that this machine can load, or why it can load none. */
export function chooseImage(
  images: readonly LibraryImage[],
  platform: string = ownSystem,
  arch: string = process.arch,
): { image: LibraryImage } | Misfit {
  const ofPlatform = images.filter((image) => image.platform === platform);
  const ofMachine = ofPlatform.filter((image) => image.arch === arch);
  const image = ofMachine.find(({ kind }) => kind === "library");
  if (image !== undefined) return { image };
  if (ofPlatform.length === 0) {
    const found = describe(images, (image) => `${PLATFORM_NAMES[image.platform]} (${image.format})`);
    return { mismatch: `${found}, ${platformName(platform)} needed`, reason: "other-platform" };
  }
  // They are for any machine, whatever they say.
  if (ofPlatform.every(({ kind }) => kind === "assembly"))
    return { mismatch: `${KIND_NAMES.assembly}, shared library needed`, reason: "not-a-library" };
  if (ofMachine.length === 0) {
    const elf = ofPlatform[0]?.format === "ELF" ? ELF_ARCH_NAMES[arch] : undefined;
    const needed = elf ?? ARCH_NAMES[arch] ?? arch;
    return { mismatch: `${describe(ofPlatform, archNameOf)}, ${needed} needed`, reason: "other-platform" };
  }
  return { mismatch: `${describe(ofMachine, archNameOf)}, shared library needed`, reason: "not-a-library" };
}

/**
 * The C library that is needed.
 * @param needs as of LibraryImage
 * @returns undefined where there is none that is known
 */
export function cLibraryOf(needs: readonly string[]): CLibrary | undefined {
  if (needs.includes("libc.so.6")) return "glibc";
  return needs.some((name) => name === "libc.so" || name.startsWith("libc.musl-")) ? "musl" : undefined;
}

const archNameOf = ({ archName }: LibraryImage) => archName;

function platformName(platform: string): string {
  return Object.hasOwn(PLATFORM_NAMES, platform) ? PLATFORM_NAMES[platform as Platform] : platform;
}

function describe(images: readonly LibraryImage[], property: (image: LibraryImage) => string): string {
  const kinds = new Set(images.map(({ kind }) => KIND_NAMES[kind]));
  return `${[...new Set(images.map(property))].join(" and ")} ${[...kinds].join(" and ")}`;
}
