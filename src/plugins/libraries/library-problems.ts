// What is wrong with a plugin's libraries: that there is none for this machine, and what those are that there are.

import { basename, dirname, join } from "node:path";
import { requiredSymbols } from "../../../protocol/abi-symbols.ts";
import { DlrpcError } from "../../../protocol/errors.ts";
import type { LibraryImage } from "../formats/index.ts";
import { isError, type PluginProblem } from "../problem.ts";
import { librariesOf, libraryNames } from "./library-name.ts";
import { ownPlatform, platformDirectory } from "./platform-directory.ts";
import { isNowhere } from "./search.ts";
import { straysOf } from "./search-path.ts";

const NOT_FOUND = "not-found";

/** Whether it is what the system's loader may know better: it has the last word (A7). */
export function isForLoader({ kind, details }: DlrpcError): boolean {
  return kind === "SYMBOL_MISSING" || (kind === "LIBRARY_LOAD_FAILED" && details.reason === NOT_FOUND);
}

/** Where a plugin has no library for this platform; for which ones it has some (A13). */
export function libraryNotFound(directory: string, pluginName: string): DlrpcError {
  const tried = libraryNames(pluginName);
  const others = librariesOf(directory, pluginName).map(({ target }) => target);
  const elsewhere = others.length > 0 ? `; it has libraries for ${others.join(", ")}` : "";
  const place = platformDirectory(ownPlatform);
  const message = `${directory} holds none of ${tried.join(", ")}, neither itself nor in ${place}${elsewhere}`;
  const hint = `Build the library for ${ownPlatform} and copy it into ${directory} under one of these names.`;
  return new DlrpcError("LIBRARY_NOT_FOUND", message, { tried, hint });
}

/** What of the ABI the library does not export itself. */
export function missingSymbols(path: string, { exports }: LibraryImage): DlrpcError | undefined {
  const missing = requiredSymbols.filter((symbol) => !exports.has(symbol));
  if (missing.length === 0) return undefined;
  const message = `${path} does not export ${missing.join(", ")}`;
  return new DlrpcError("SYMBOL_MISSING", message, { symbol: missing[0], symbols: missing });
}

const STRAY_HINTS: Readonly<Record<LibraryImage["format"], string>> = {
  ELF: "Link it with -Wl,-rpath,'$ORIGIN' and libraries that lie beside it by their names; patchelf --set-rpath and --replace-needed mend what is built.",
  "Mach-O":
    "Link it with -Wl,-rpath,@loader_path and libraries beside it whose install name is @rpath/NAME; install_name_tool -change and -rpath mend what is built.",
  PE: "Link it with libraries by their names alone, and put those that are not the system's beside it.",
};

/** Where a library in the plugin's directory looks for others and must not (T4). */
export function strayPlaces(path: string, image: LibraryImage, directory: string): DlrpcError | undefined {
  const strays = straysOf(path, image, directory);
  if (strays.length === 0) return undefined;
  const hint = STRAY_HINTS[image.format];
  const details = { library: path, reason: "search-path", hint };
  return new DlrpcError("LIBRARY_LOAD_FAILED", `${path} ${strays.join("; and ")}`, details);
}

/**
 * What is needed and nowhere, as far as one can know without the system's loader.
 * @param images of the plugin's library, and of those that it needs from beside it
 */
export function missingLibraries(images: readonly (readonly [path: string, image: LibraryImage])[]): DlrpcError[] {
  const names = images.flatMap(([path, { ownName }]) => [basename(path), ownName]);
  const searched = images.flatMap(([path, { searched, besides }]) => [
    ...searched,
    ...besides.map((beside) => join(dirname(path), beside)),
  ]);
  return images.flatMap(([path, image]): DlrpcError[] => {
    const missing = image.needs.filter((name) => !names.includes(name) && isNowhere(path, image, name, searched));
    if (missing.length === 0) return [];
    const message = `${path} needs ${missing.join(", ")}, and there is none where it is looked for`;
    const details = { library: path, reason: NOT_FOUND, needed: missing[0], hint: howToFind(path, image) };
    return [new DlrpcError("LIBRARY_LOAD_FAILED", message, details)];
  });
}

/** A library that is needed and nowhere, for the error of a load. */
export interface MissingLibrary {
  readonly message: string;
  readonly needed: string;
  readonly hint: string;
}

/** The first of what `missingLibraries` found. */
export function missingLibrary(problems: readonly PluginProblem[]): MissingLibrary | undefined {
  for (const problem of problems) {
    if (!isError(problem) || problem.details.reason !== NOT_FOUND) continue;
    return { message: problem.message, needed: String(problem.details.needed), hint: String(problem.details.hint) };
  }
  return undefined;
}

function howToFind(path: string, { format }: LibraryImage): string {
  const links = {
    ELF: " and link that with -Wl,-rpath,'$ORIGIN'",
    "Mach-O": " and link that with -Wl,-rpath,@loader_path",
    PE: "",
  };
  return `Install it, or put it beside ${path}${links[format]}.`;
}
