// Owns the tools: one for each plugin in the trusted directories that is in order, found without running its code (G4).

import { log } from "../observe/log.ts";
import { Examination } from "../plugins/examine.ts";
import { type Found, NameIndex, pluginDirectories } from "../plugins/find.ts";
import { findLibrary } from "../plugins/library-name.ts";
import type { Session } from "../server/session.ts";
import type { Tool, ToolSource } from "./tool.ts";

export interface CatalogOptions {
  readonly session: Session;
  /** What tools are called: this, and the plugin's name. */
  readonly prefix: string;
  /** The plugins that are meant; all where it is empty. */
  readonly only: readonly string[];
  /** What of a tool its plugin on disk does not say. */
  annotationsFor(plugin: Examination): ToolSource["annotationsFor"];
  make(source: ToolSource): Tool;
  /** It is no tool any more. */
  removed(tool: Tool): void;
}

export class Catalog {
  private readonly options: CatalogOptions;
  private tools: ReadonlyMap<string, Tool> = new Map();
  private scanning: Promise<void> = Promise.resolve();

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

  /** Looks at what lies in the trusted directories now. @throws DlrpcError RESOURCES_EXHAUSTED */
  refresh(): Promise<void> {
    this.scanning = this.scanning.then(
      () => this.scan(),
      () => this.scan(),
    );
    return this.scanning;
  }

  private async scan(): Promise<void> {
    const found = await this.find();
    const tools = new Map<string, Tool>();
    for (const source of found.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const known = this.tools.get(source.name);
      tools.set(source.name, known !== undefined && isSame(known.source, source) ? known : this.options.make(source));
    }
    const gone = this.all.filter((tool) => tools.get(tool.name) !== tool);
    this.tools = tools;
    for (const tool of gone) this.options.removed(tool);
  }

  private async find(): Promise<ToolSource[]> {
    const { session, only } = this.options;
    const index = new NameIndex();
    const byPath = new Map<string, Examination>();
    for (const directory of session.trust.canonical) {
      const places = await pluginDirectories(directory);
      const found: Found[] = [];
      for (const place of places) found.push([place, await Examination.ofManifest(place, session.examination)]);
      index.add(found);
      for (const [, plugin] of found) if (!byPath.has(plugin.path)) byPath.set(plugin.path, plugin);
    }
    const plugins = [...byPath.values()].filter(isOffered);
    const isMeant = ({ name = "" }: Examination) => only.length === 0 || only.includes(name);
    return plugins
      .filter((plugin) => isMeant(plugin) && isFirst(plugin, plugins, index))
      .map((plugin) => this.source(plugin));
  }

  private source(plugin: Examination): ToolSource {
    const { name = "", path, manifest, tool } = plugin;
    if (manifest === undefined) throw new Error("a plugin in order has a manifest");
    const { prefix, annotationsFor } = this.options;
    return { name: `${prefix}${name}`, path, manifest, members: tool, annotationsFor: annotationsFor(plugin) };
  }
}

/** Whether it is in order as far as plugin.json says; what of that is not goes to the log. */
function isOffered(plugin: Examination): boolean {
  if (!plugin.isNative) return false;
  for (const { severity, code, message } of plugin.problems)
    log(severity === "error" ? "warn" : "info", `${plugin.path}: ${code}: ${message}`);
  if (!plugin.isValid) return false;
  if (findLibrary(plugin.path, plugin.name) !== undefined) return true;
  log("warn", `${plugin.path} is no tool: it holds no library of the plugin's name`);
  return false;
}

/** Whether plugin/load would take this plugin by its name (P4), of those that bear it. */
function isFirst(plugin: Examination, plugins: readonly Examination[], index: NameIndex): boolean {
  const { name = "" } = plugin;
  const bearers = index
    .meantBy(name)
    .filter((path) => plugins.some((other) => other.path === path && other.name === name));
  return bearers[0] === plugin.path;
}

/** Whether nothing that a tool is made of has changed. */
function isSame(one: ToolSource, other: ToolSource): boolean {
  return one.path === other.path && one.manifest.raw.toString() === other.manifest.raw.toString();
}
