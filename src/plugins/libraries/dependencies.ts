// Finding what a plugin's library needs from beside it ($ORIGIN, @loader_path, on Windows its directory), to copy it along.

import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { InspectionError, inspectLibrary, type LibraryImage } from "../formats/index.ts";
import { resolve } from "../trust/resolve.ts";
import { readNeededName } from "./needed-name.ts";

export interface LibraryFile {
  /** Where the loader looks for it, absolute. */
  readonly path: string;
  readonly bytes: Buffer;
}

/**
 * The library, and those that it needs from beside it, and these in turn.
 * @param read reads a file that was found, after all checks; undefined where it failed them
 * @param judge is told what each of them is
 * @throws InspectionError where one that was found is no library
 */
export async function withDependencies(
  library: LibraryFile,
  image: LibraryImage,
  read: (path: string) => Promise<Buffer | undefined>,
  judge: (path: string, image: LibraryImage) => void,
): Promise<LibraryFile[]> {
  const files = [library];
  const found = new Set([library.path]);
  const look = async (path: string, image: LibraryImage, inherited: readonly string[]): Promise<void> => {
    judge(path, image);
    // DT_RPATH holds for what is needed further on, DT_RUNPATH does not: one that is copied in vain does no harm.
    const directories = [...image.besides.map((beside) => join(dirname(path), beside)), ...inherited];
    for (const name of [...image.needs, ...image.wants]) {
      // Where there is none it is the system's, or the loader will miss it.
      const there = placesOf(path, image, name, directories).find((path) => existsSync(path));
      if (there === undefined) continue;
      const needed = image.format === "PE" ? asSpelled(there) : there;
      if (found.has(needed)) continue;
      found.add(needed);
      const bytes = await read(needed);
      if (bytes === undefined) continue;
      files.push({ path: needed, bytes });
      for (const image of imagesOf(needed, bytes)) await look(needed, image, directories);
    }
  };
  await look(library.path, image, []);
  return files;
}

/** @param directories that lists are looked for in */
function placesOf(path: string, image: LibraryImage, name: string, directories: readonly string[]): string[] {
  const { listed, beside } = readNeededName(image, name);
  if (beside !== undefined) return [join(dirname(path), beside)];
  return listed === undefined ? [] : directories.map((directory) => join(directory, listed));
}

/** On Windows case does not count, and a file is listed (T5) and copied under the one name that it has. */
function asSpelled(path: string): string {
  const found = resolve(path);
  const spelled = "code" in found ? path : join(dirname(path), basename(found.canonical));
  return spelled.toLowerCase() === path.toLowerCase() ? spelled : path; // else it is a link to another name
}

function imagesOf(path: string, bytes: Buffer): LibraryImage[] {
  try {
    return inspectLibrary(bytes);
  } catch (error) {
    if (!(error instanceof InspectionError)) throw error;
    throw new InspectionError(`it needs ${path}: ${error.message}`);
  }
}
