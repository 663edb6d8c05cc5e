// What libraries a plugin has for whatever platforms (A13), read from their bytes alone.

import { chooseImage, InspectionError, inspectLibrary } from "../formats/index.ts";
import { LARGEST_FILE, readRegularFile, UnreadableFile } from "../trust/read-file.ts";
import { resolve } from "../trust/resolve.ts";
import { librariesOf } from "./library-name.ts";
import { isPlatform, processorOf, systemOf } from "./platform-directory.ts";

export interface PlatformLibrary {
  readonly path: string;
  /** The platforms that it is a library for, such as `linux-arm64`. */
  readonly platforms: readonly string[];
  /** Why it is none for what it lies there for; absent where it is. */
  readonly problem?: string;
}

/** @param directory canonical, and trusted or meant to be read */
export async function platformLibraries(directory: string, name: string): Promise<PlatformLibrary[]> {
  const found: PlatformLibrary[] = [];
  for (const { target, path } of librariesOf(directory, name)) found.push(await read(path, target));
  return found;
}

async function read(path: string, target: string): Promise<PlatformLibrary> {
  const place = resolve(path);
  if ("code" in place) return { path, platforms: [], problem: `it cannot be reached (${place.code})` };
  try {
    const images = inspectLibrary((await readRegularFile(place.canonical, LARGEST_FILE)).bytes);
    const libraries = images.filter(({ kind }) => kind === "library");
    const platforms = libraries.map(({ platform, arch }) => `${platform}-${arch}`);
    const choice = isPlatform(target) ? chooseImage(images, systemOf(target), processorOf(target)) : undefined;
    return { path, platforms, ...(choice !== undefined && "mismatch" in choice && { problem: choice.mismatch }) };
  } catch (error) {
    if (!(error instanceof InspectionError || error instanceof UnreadableFile)) throw error;
    return { path, platforms: [], problem: error.message };
  }
}
