// The plugins of a package: whether each is whole, and which platforms it has libraries for.

import { join } from "node:path";
import { absolute } from "../../base/absolute-path.ts";
import { chooseImage, InspectionError, inspectLibrary, type LibraryImage } from "../../plugins/formats/index.ts";
import { InspectedPlugin } from "../../plugins/inspected-plugin.ts";
import { trusting } from "../../plugins/inspection.ts";
import { librariesOf, type PlacedLibrary } from "../../plugins/libraries/library-name.ts";
import { strayPlaces } from "../../plugins/libraries/library-problems.ts";
import { isPlatform, processorOf, systemOf } from "../../plugins/libraries/platform-directory.ts";
import { readFileHashes } from "../../plugins/manifest/file-hashes.ts";
import { CommandError, UsageError } from "../options.ts";
import { type BundledFile, readContent } from "./file.ts";
import { pluginFiles } from "./plugin-files.ts";

/** The directory of the plugins in a package. */
export const PLUGINS = "plugins";
/** What the libraries are judged by here, each for its own platform. */
const OF_LIBRARY = ["LIBRARY_NOT_FOUND", "LIBRARY_LOAD_FAILED", "SYMBOL_MISSING"];

export interface BundledPlugin {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly author: string | null;
  /** The platforms that it has libraries for, sorted. */
  readonly platforms: readonly string[];
  readonly files: readonly BundledFile[];
}

/** @param paths as a person typed them: they are trusted @throws CommandError, UsageError, DlrpcError */
export async function readPlugins(paths: readonly string[]): Promise<BundledPlugin[]> {
  const plugins = new Map<string, { plugin: BundledPlugin; path: string }>();
  for (const path of paths) {
    const plugin = await readPlugin(absolute(path));
    const key = plugin.name.toLowerCase(); // there are file systems that have one of them only
    const same = plugins.get(key);
    if (same !== undefined) throw new UsageError(`${same.path} and ${path} are both called ${plugin.name}; give one`);
    plugins.set(key, { plugin, path });
  }
  return [...plugins.values()].map(({ plugin }) => plugin).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readPlugin(given: string): Promise<BundledPlugin> {
  const { path, manifest, isNative, problems } = await InspectedPlugin.of(given, trusting([given]));
  const wrong = problems.find(({ code, severity }) => severity === "error" && !OF_LIBRARY.includes(code));
  if (wrong !== undefined) throw new CommandError(`${wrong.code}: ${wrong.message}\n  ${wrong.hint}`);
  if (!isNative || manifest === undefined) throw new CommandError(`${path} holds no native plugin`);
  const { name, description, version } = manifest;
  const libraries = librariesOf(path, name);
  if (libraries.length === 0) {
    throw new CommandError(`${path} has a library for no platform; build lib/PLATFORM/lib${name}.so, or such`);
  }
  const platforms = new Set<string>();
  for (const library of libraries) for (const platform of await platformsFor(library, path)) platforms.add(platform);
  const members = manifest.raw.parse() as { author?: string | null; sha256?: unknown };
  const files = pluginFiles(path, `${PLUGINS}/${name}/`);
  requireListed(path, members.sha256, `${PLUGINS}/${name}/`, files);
  return { name, description, version, author: members.author ?? null, platforms: [...platforms].sort(), files };
}

/** @throws CommandError where it is none for the platform that it lies under, or one that would not be loaded there */
async function platformsFor({ target, path }: PlacedLibrary, plugin: string): Promise<string[]> {
  const images = imagesOf(path, await readContent(path));
  for (const image of images) {
    const stray = strayPlaces(path, image, plugin);
    if (stray !== undefined) throw new CommandError(stray.message);
  }
  if (isPlatform(target)) {
    const choice = chooseImage(images, systemOf(target), processorOf(target));
    if ("mismatch" in choice)
      throw new CommandError(`${path}: ${choice.mismatch}; put the library for ${target} there`);
    return [target];
  }
  const fitting = images.filter(({ kind, platform }) => kind === "library" && platform === target);
  if (fitting.length > 0) return fitting.map(({ platform, arch }) => `${platform}-${arch}`);
  throw new CommandError(`${path} is no shared library for ${target}; build the plugin again, or remove it`);
}

function imagesOf(path: string, bytes: Buffer): LibraryImage[] {
  try {
    return inspectLibrary(bytes);
  } catch (error) {
    if (!(error instanceof InspectionError)) throw error;
    throw new CommandError(`${path} is not a shared library: ${error.message}`);
  }
}

/** A package is whole, or it is none. */
function requireListed(path: string, sha256: unknown, prefix: string, files: readonly BundledFile[]): void {
  const packed = new Set(files.map(({ name }) => name));
  for (const name of readFileHashes(sha256).hashes?.keys() ?? []) {
    if (packed.has(prefix + name)) continue;
    const found = `${join(path, "plugin.json")} lists ${name}, which is not there, or is hidden as its name begins with a dot`;
    throw new CommandError(`${found}; put it there, or let \`dlrpc sign\` take it out`);
  }
}
