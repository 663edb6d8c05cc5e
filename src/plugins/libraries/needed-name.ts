// What the name by which a library needs another means: where that is looked for, in each format's terms.

import { isAbsolute } from "node:path/posix";
import type { LibraryImage } from "../formats/index.ts";

export interface NeededName {
  /** What is looked for in each directory of a list: those of the image, then the system's. */
  readonly listed?: string;
  /** Where it is, relative to the directory of who needs it. */
  readonly beside?: string;
  /** Where it is, for whoever needs it. */
  readonly absolute?: string;
  /** Why it is none of these: the end of a sentence that begins with the library and the name. */
  readonly stray?: string;
}

const IN_WORKING_DIRECTORY = "a path in the working directory";

/** @param name of `needs` or `wants` of the image */
export function readNeededName({ format }: LibraryImage, name: string): NeededName {
  switch (format) {
    case "ELF": // ld.so(8)
      if (!name.includes("/")) return { listed: name };
      return isAbsolute(name) ? { absolute: name } : { stray: IN_WORKING_DIRECTORY };
    case "PE": // LoadLibraryExW
      return /[/\\:]/.test(name) ? { stray: "a path, and no name alone" } : { listed: name };
    case "Mach-O": // dyld(1)
      return readMachName(name);
  }
}

function readMachName(name: string): NeededName {
  if (isAbsolute(name)) return { absolute: name };
  const [, token, rest = ""] = /^(@[a-z_]+)\/(.*)$/.exec(name) ?? [];
  if (token === "@rpath") return rest.split("/").includes("..") ? { stray: "a path with `..`" } : { listed: rest };
  if (token === "@loader_path") return { beside: rest };
  return { stray: token === "@executable_path" ? "a path beside dlrpc's own program" : IN_WORKING_DIRECTORY };
}
