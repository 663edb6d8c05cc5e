// Owns the tools: one for each plugin in the trusted directories that is in order, found without running its code (G4).

import { randomUUID } from "node:crypto";
import { type BigIntStats, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { didYouMean } from "../../base/nearest.ts";
import { DirectoryWatch } from "../../observe/directory-watch.ts";
import { log } from "../../observe/log.ts";
import { inBackground } from "../../platform/both-halves/promises.ts";
import { type Found, NameIndex, pluginDirectories } from "../../plugins/find.ts";
import { InspectedPlugin } from "../../plugins/inspected-plugin.ts";
import { findLibrary, libraryPlaces } from "../../plugins/libraries/library-name.ts";
import { SIGNATURE } from "../../plugins/trust/signature.ts";
import type { Session } from "../../server/session.ts";
import type { Tool, ToolSource } from "./tool.ts";

/** So many plugins are read side by side, each with a descriptor. */
const AT_ONCE = 16;
/**
 * File systems count time in steps of up to two seconds (FAT), most of 4 ms before Linux 6.13: what was written in the
 * step that is under way can be written to again and bear the same time.
 */
const COARSEST_MS = 2500;

export interface CatalogOptions {
  readonly session: Session;
  /** What tools are called: this, and the plugin's name. */
  readonly prefix: string;
  /** The plugins that are meant; all where it is empty. */
  readonly only: readonly string[];
  /** The plugins that the command line names. */
  readonly named: readonly string[];
  /** What of a tool its plugin on disk does not say. */
  annotationsFor(plugin: InspectedPlugin): ToolSource["annotationsFor"];
  make(source: ToolSource): Tool;
  /** It is no tool any more. */
  removed(tool: Tool): void;
  /** There are other tools than before. */
  changed(): void;
}

/** A plugin as it was when it was looked at. */
interface Seen {
  readonly mark: string;
  readonly plugin: InspectedPlugin;
}

export class Catalog {
  private readonly options: CatalogOptions;
  private tools: ReadonlyMap<string, Tool> = new Map();
  private seen: ReadonlyMap<string, Seen> = new Map();
  private scanning: Promise<void> = Promise.resolve();
  private hasScanned = false;
  private watcher: DirectoryWatch | undefined;
  /** Whether the last scan came to its end, and found no file that may be written to under another name elsewhere. */
  private isWhole = false;
  private hasLinked = false;

  constructor(options: CatalogOptions) {
    this.options = options;
  }

  get(name: string): Tool | undefined {
    return this.tools.get(name);
  }

  get names(): readonly string[] {
    return [...this.tools.keys()];
  }

  /** All, in the order of their names. */
  get all(): readonly Tool[] {
    return [...this.tools.values()];
  }

  /** Knows what lies in the trusted directories now. @throws DlrpcError RESOURCES_EXHAUSTED */
  refresh(): Promise<void> {
    const look = async () => {
      const isKnown = this.isWhole && (await this.watcher?.isAsItWas());
      if (isKnown !== true) await this.scan();
    };
    this.scanning = this.scanning.then(look, look);
    return this.scanning;
  }

  /** Looks for the first time where nobody has: from then on it looks by itself where something changes. */
  begin(): void {
    if (this.watcher === undefined) this.look();
  }

  close(): void {
    this.watcher?.close();
  }

  private look(): void {
    const looked = this.refresh();
    inBackground(looked.catch((error: unknown) => log("warn", `the plugins cannot be looked at: ${error}`)));
  }

  private async scan(): Promise<void> {
    this.isWhole = false;
    this.hasLinked = false;
    log("debug", "the trusted directories are looked at");
    const found = await this.find();
    const tools = new Map<string, Tool>();
    for (const source of found.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const known = this.tools.get(source.name);
      const isKnown = known !== undefined && known.source.path === source.path;
      if (isKnown && known.source.mark !== source.mark) inBackground(known.update(source));
      tools.set(source.name, isKnown ? known : this.options.make(source));
    }
    const before = this.all;
    const gone = before.filter((tool) => tools.get(tool.name) !== tool);
    const isOther = gone.length > 0 || tools.size !== before.length;
    this.tools = tools;
    for (const tool of gone) this.options.removed(tool);
    if (this.hasScanned && isOther) this.options.changed();
    this.hasScanned = true;
    this.isWhole = !this.hasLinked;
  }

  private async find(): Promise<ToolSource[]> {
    const { session, only } = this.options;
    const index = new NameIndex();
    const byPath = new Map<string, InspectedPlugin>();
    const seen = new Map<string, Seen>();
    // What is watched before it is looked at can change unseen at no time.
    this.watcher ??= new DirectoryWatch(() => this.look());
    const { all } = session.trust;
    this.watcher.set(all, () => all.flatMap((directory) => directoriesIn(directory).flatMap(libraryPlaces)));
    for (const directory of session.trust.canonical) {
      const found: Found[] = [];
      for (const places of portions(await pluginDirectories(directory))) {
        const looks = await Promise.all(places.map(async (place) => [place, await this.see(place)] as const));
        for (const [place, now] of looks) {
          seen.set(place, now);
          found.push([place, now.plugin]);
        }
      }
      index.add(found);
      for (const [, plugin] of found) if (!byPath.has(plugin.path)) byPath.set(plugin.path, plugin);
    }
    this.seen = seen;
    const libraries = new Map<InspectedPlugin, string>();
    for (const plugin of byPath.values()) {
      const library = libraryOf(plugin);
      if (library !== undefined) libraries.set(plugin, library);
    }
    const plugins = [...libraries.keys()];
    if (!this.hasScanned) this.warnOfMissing(plugins.flatMap(({ name }) => name ?? []));
    const isMeant = ({ name = "" }: InspectedPlugin) => only.length === 0 || only.includes(name);
    return [...libraries]
      .filter(([plugin]) => isMeant(plugin) && isFirst(plugin, plugins, index))
      .map(([plugin, library]) => this.source(plugin, library));
  }

  /** Whoever looks at an empty list, or calls what was granted nothing, learns from nobody else why. */
  private warnOfMissing(names: readonly string[]): void {
    const { session, named } = this.options;
    const places = session.trust.all.join(", ");
    if (names.length === 0) {
      const needed = "a plugin is a directory in one of these, with a plugin.json and a library called after its name";
      return log("warn", `there are no plugins in ${places}: ${needed}; --log-level info says what else was found`);
    }
    for (const name of new Set(named).difference(new Set(names))) {
      log(
        "warn",
        `the command line names the plugin ${name}, and there is none${didYouMean(name, names)} in ${places}`,
      );
    }
  }

  /** Examines what is another than the last time; its place on the way there is judged again when it is loaded. */
  private async see(place: string): Promise<Seen> {
    const mark = this.marksOf([place, join(place, "plugin.json"), join(place, SIGNATURE)]);
    const known = this.seen.get(place);
    if (known?.mark === mark) return known;
    const plugin = await InspectedPlugin.ofManifest(place, this.options.session.inspectOptions);
    const told = new Set(known?.plugin.problems.map(({ message }) => message));
    for (const { severity, code, message } of plugin.isNative ? plugin.problems : [])
      if (!told.has(message)) log(severity === "error" ? "warn" : "info", `${place}: ${code}: ${message}`);
    return { mark, plugin };
  }

  private source(plugin: InspectedPlugin, library: string): ToolSource {
    const { name = "", path, manifest, tool } = plugin;
    if (manifest === undefined) throw new Error("a plugin in order has a manifest");
    const { prefix, annotationsFor } = this.options;
    const mark = this.marksOf([join(path, "plugin.json"), library]);
    return { name: `${prefix}${name}`, path, manifest, members: tool, mark, annotationsFor: annotationsFor(plugin) };
  }

  /** Another where one of the files is another, or was written to; each time another where that cannot be told yet. */
  private marksOf(paths: readonly string[]): string {
    const marks = paths.map(statOf);
    if (marks.some((stat) => stat?.isFile() && stat.nlink > 1n)) this.hasLinked = true;
    if (marks.some((stat) => stat !== undefined && Number(stat.ctimeMs) > Date.now() - COARSEST_MS))
      return randomUUID();
    return marks
      .map((stat) => (stat === undefined ? "" : [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join()))
      .join(";");
  }
}

/** Undefined where nothing can be reached: none is there, links go in a circle, or a directory may not be entered. */
function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function* portions<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += AT_ONCE) yield all.slice(at, at + AT_ONCE);
}

/** What there is to load of a plugin; undefined where it is not in order, as far as plugin.json says. */
function libraryOf({ isNative, isValid, path, name }: InspectedPlugin): string | undefined {
  if (!isNative || !isValid) return undefined;
  const library = findLibrary(path, name);
  if (library === undefined) log("info", `${path} is no tool: it holds no library of the plugin's name`);
  return library;
}

/** Whether plugin/load would take this plugin by its name (P4), of those that bear it. */
function isFirst(plugin: InspectedPlugin, plugins: readonly InspectedPlugin[], index: NameIndex): boolean {
  const { name = "" } = plugin;
  const bearers = index
    .meantBy(name)
    .filter((path) => plugins.some((other) => other.path === path && other.name === name));
  return bearers[0] === plugin.path;
}

/** What a plugin may be, or become, in a trusted directory. */
function directoriesIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.flatMap((entry) =>
      entry.isDirectory() || entry.isSymbolicLink() ? [join(directory, entry.name)] : [],
    );
  } catch {
    return []; // what cannot be listed holds no plugins
  }
}
