// The description of one loadable image, the same for all three formats.

/** As process.platform spells it, and two names for what it has no word for. */
export type Platform = "linux" | "darwin" | "win32" | "freebsd" | "netbsd" | "openbsd" | "sunos" | "ios" | "unknown";

/** `assembly`: of .NET, without anything that C could call. */
export type Kind = "library" | "assembly" | "executable" | "object" | "core" | "stub" | "debug" | "unknown";

export interface LibraryImage {
  readonly format: "ELF" | "Mach-O" | "PE";
  /**
   * ELF says it in one byte, and most systems leave that byte at 0: it is read as Linux here, though Android, NetBSD
   * and OpenBSD write the same. `ios` stands for every Apple system but macOS.
   */
  readonly platform: Platform;
  /**
   * As process.arch spells it. Variants that a Node.js of that name cannot load have names of their own: `x32`,
   * `arm64e`, `arm64_be`, `ppc64be`…
   */
  readonly arch: string;
  /** As people and compilers spell it for this platform: `x86_64`, `aarch64`, `i386`. */
  readonly archName: string;
  readonly kind: Kind;
  /** C names, as dlsym and GetProcAddress take them: Mach-O's leading underscore is gone. Empty unless a library. */
  readonly exports: ReadonlySet<string>;
  /**
   * The libraries to be loaded along, in order, as they are written: names, or paths. ELF: DT_NEEDED, DT_FILTER; PE: the
   * import directory; Mach-O: LC_LOAD_DYLIB and its like.
   */
  readonly needs: readonly string[];
  /** Those that it can do without: DT_AUXILIARY; PE: delayed imports; Mach-O: weak and lazy ones. */
  readonly wants: readonly string[];
  /** The name by which others need it: DT_SONAME, LC_ID_DYLIB. */
  readonly ownName: string | undefined;
  /**
   * The directories, relative to that of the library, in which they are looked for; "" is its own. ELF: $ORIGIN; Mach-O:
   * LC_RPATH with @loader_path.
   */
  readonly besides: readonly string[];
  /** The other directories in which they are looked for, before those of the system: absolute. */
  readonly searched: readonly string[];
  /** What else it says of where to look, which means the working directory, or nothing certain; "" is the former. */
  readonly strays: readonly string[];
}
