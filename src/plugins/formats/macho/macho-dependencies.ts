// Which other libraries a Mach-O image needs, and where dyld looks for them. Source: Apple's mach-o/loader.h, dyld(1).
import type { LibraryImage } from "../image.ts";

const LC_LOAD_DYLIB = 0xc;
const LC_ID_DYLIB = 0xd;
const LC_LAZY_LOAD_DYLIB = 0x20;
const LC_LOAD_WEAK_DYLIB = 0x80000018;
const LC_RPATH = 0x8000001c;
const LC_REEXPORT_DYLIB = 0x8000001f;
const LC_LOAD_UPWARD_DYLIB = 0x80000023;

const NEEDED = [LC_LOAD_DYLIB, LC_REEXPORT_DYLIB, LC_LOAD_UPWARD_DYLIB];
const WANTED = [LC_LOAD_WEAK_DYLIB, LC_LAZY_LOAD_DYLIB];
const NAMING: ReadonlySet<number> = new Set([...NEEDED, ...WANTED, LC_ID_DYLIB, LC_RPATH]);

/** A load command that holds a path. */
export interface NamingCommand {
  readonly command: number;
  readonly path: string;
}

/** Whether a load command holds a path of interest, whose place in it is the number behind its size. */
export function isNaming(command: number): boolean {
  return NAMING.has(command);
}

const LOADER_PATH = /^@loader_path(\/.*|)$/;

/** @param commands in their order */
export function dependenciesOf(
  commands: readonly NamingCommand[],
): Pick<LibraryImage, "needs" | "wants" | "ownName" | "besides" | "searched" | "strays"> {
  const paths = (...kinds: readonly number[]) => [
    ...new Set(commands.filter(({ command }) => kinds.includes(command)).map(({ path }) => path)),
  ];
  const places = paths(LC_RPATH);
  return {
    needs: paths(...NEEDED),
    wants: paths(...WANTED),
    ownName: paths(LC_ID_DYLIB)[0],
    besides: places.flatMap((place) => LOADER_PATH.exec(place)?.[1] ?? []),
    searched: places.filter((place) => place.startsWith("/")),
    strays: places.filter((place) => !place.startsWith("/") && !LOADER_PATH.test(place)),
  };
}
