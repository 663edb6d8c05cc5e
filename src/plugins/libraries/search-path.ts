// The judgement of where a plugin's library has the loader look for others (T4): what nobody has checked must not come in.

import { dirname, join, normalize } from "node:path";
import { isWithin } from "../../base/paths.ts";
import type { LibraryImage } from "../formats/index.ts";
import { resolve } from "../trust/resolve.ts";
import { readNeededName } from "./needed-name.ts";

/**
 * What is wrong with where a library looks, as ends of a sentence that begins with its path.
 * @param path of the library, in the plugin's directory
 * @param directory the plugin's
 */
export function straysOf(path: string, image: LibraryImage, directory: string): string[] {
  const names = [...image.needs, ...image.wants].map((name) => ({ name, ...readNeededName(image, name) }));
  const isOutside = (beside: string) => !isWithin(normalize(join(dirname(path), beside)), directory);
  const unchecked = (place: string) =>
    namesOf(place).some((name) => [directory, "/proc", "/dev"].some((closed) => isWithin(name, closed)));
  const own = image.format === "Mach-O" ? "@loader_path" : "$ORIGIN";
  return [
    ...names.flatMap(({ name, stray }) => (stray === undefined ? [] : [`needs \`${name}\`, ${stray}`])),
    ...image.strays.map((place) => `looks for libraries in \`${place}\`, which is ${meaningOf(place)}`),
    ...image.besides
      .filter(isOutside)
      .map((beside) => `looks for libraries in \`${own}${beside}\`, which leads out of the plugin's directory`),
    ...names
      .filter(({ beside }) => beside !== undefined && isOutside(dirname(beside)))
      .map(({ name }) => `needs \`${name}\`, which leads out of the plugin's directory`),
    ...names
      .filter(({ absolute }) => absolute !== undefined && unchecked(absolute))
      .map(({ name }) => `needs \`${name}\` by a path that goes past the copy which is loaded`),
    ...image.searched
      .filter(unchecked)
      .map((place) => `looks for libraries in \`${place}\`, past the copy which is loaded`),
  ];
}

function meaningOf(place: string): string {
  return place.startsWith("@executable_path") ? "beside dlrpc's own program" : "relative to the working directory";
}

/** As it is written, and what it leads to where that is there. */
function namesOf(place: string): string[] {
  const found = resolve(place);
  return [normalize(place), ...("code" in found ? [] : [found.canonical])];
}
