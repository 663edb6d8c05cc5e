// Owns finding the libraries that a plugin's library needs from beside it ($ORIGIN, ld.so(8)): a copy of it elsewhere finds
// them only where they are copied along.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { InspectionError, inspectLibrary, type LibraryImage } from "./inspect/index.ts";

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
      const needed = directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
      if (needed === undefined || found.has(needed)) continue;
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

function imagesOf(path: string, bytes: Buffer): LibraryImage[] {
  try {
    return inspectLibrary(bytes);
  } catch (error) {
    if (!(error instanceof InspectionError)) throw error;
    throw new InspectionError(`it needs ${path}: ${error.message}`);
  }
}
