// Owns the judgement of where a library of a plugin has the loader look for others (T4): a file that nobody has checked must
// not come in from the working directory, or from around the private copy.

import { dirname, join, normalize } from "node:path";
import { isWithin } from "../paths.ts";
import type { LibraryImage } from "./inspect/index.ts";
import { resolve } from "./resolve.ts";

/**
 * What is wrong with where a library looks, as ends of a sentence that begins with its path.
 * @param path of the library, in the plugin's directory
 * @param directory the plugin's
 */
export function straysOf(path: string, image: LibraryImage, directory: string): string[] {
  const needs = [...image.needs, ...image.wants].filter((name) => name.includes("/"));
  const relative = needs.filter((name) => !name.startsWith("/"));
  const leaving = image.besides.filter((beside) => !isWithin(normalize(join(dirname(path), beside)), directory));
  const unchecked = (place: string) =>
    namesOf(place).some((name) => [directory, "/proc", "/dev"].some((closed) => isWithin(name, closed)));
  return [
    ...relative.map((name) => `needs \`${name}\`, a path in the working directory`),
    ...image.strays.map((place) => `looks for libraries in \`${place}\`, which is relative to the working directory`),
    ...leaving.map(
      (beside) => `looks for libraries in \`$ORIGIN${beside}\`, which leads out of the plugin's directory`,
    ),
    ...needs.filter(unchecked).map((name) => `needs \`${name}\` by a path that goes past the copy which is loaded`),
    ...image.searched
      .filter(unchecked)
      .map((place) => `looks for libraries in \`${place}\`, past the copy which is loaded`),
  ];
}

/** As it is written, and what it leads to where that is there. */
function namesOf(place: string): string[] {
  const found = resolve(place);
  return [normalize(place), ...("code" in found ? [] : [found.canonical])];
}
