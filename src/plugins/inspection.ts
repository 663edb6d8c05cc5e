// What is said of plugins without running their code (D1), to hosts and to people alike: of trusted ones, and of any.

import { DlrpcError } from "../../protocol/errors.ts";
import type { DiscoveredPlugin, Permissions, Problem } from "../../protocol/messages.ts";
import { type Found, NameIndex, pluginDirectories, sharedName, unnameableDirectories } from "./find.ts";
import { InspectedPlugin, type InspectOptions } from "./inspected-plugin.ts";
import { toProblem } from "./problem.ts";
import { noSignatures } from "./trust/signature.ts";
import { Trust } from "./trust/trust.ts";

/**
 * All plugins in some directories, in their order (D2).
 * @param directories canonical; all trusted ones where undefined
 */
export async function discoverPlugins(
  directories: readonly string[] | undefined,
  options: InspectOptions,
): Promise<DiscoveredPlugin[]> {
  const groups: { found: Found[]; unnameable: string[] }[] = [];
  const index = new NameIndex();
  for (const directory of directories ?? options.trust.canonical) {
    const found: Found[] = [];
    for (const place of await pluginDirectories(directory))
      found.push([place, await InspectedPlugin.of(place, options)]);
    index.add(found);
    groups.push({ found, unnameable: await unnameableDirectories(directory) });
  }
  const names = directories === undefined ? index : await NameIndex.of(options);
  return groups.flatMap(({ found, unnameable }): DiscoveredPlugin[] => [
    ...found.map(([, plugin]) => discovered(plugin, names)),
    ...unnameable.map(withoutName),
  ]);
}

/** Inspects one plugin as plugin/validate does: one outside every trusted directory is read, and that is a warning. */
export async function inspectAnywhere(path: string, options: InspectOptions): Promise<InspectedPlugin> {
  const plugin = await InspectedPlugin.of(path, { ...options, untrusted: "report", allPlatforms: true });
  if (plugin.isNative && plugin.name !== undefined) plugin.note(sharedName(plugin, await NameIndex.of(options)));
  return plugin;
}

/** How plugins of a person's own choice are inspected: those in these directories, with all that they have for any platform. */
export function trusting(directories: readonly string[], signatures = noSignatures): InspectOptions {
  const trust = new Trust();
  trust.add(...directories);
  return { trust, strictPermissions: false, untrusted: "refuse", signatures, allPlatforms: true };
}

export interface Validation {
  readonly valid: boolean;
  readonly permissions: Permissions | null;
  readonly problems: readonly Problem[];
}

/** What plugin/validate answers. */
export function validation({ isValid, permissions, problems }: InspectedPlugin): Validation {
  return { valid: isValid, permissions, problems };
}

function discovered(plugin: InspectedPlugin, names: NameIndex): DiscoveredPlugin {
  plugin.note(sharedName(plugin, names));
  const { path, libraryPath = null, manifest, permissions, isValid, problems } = plugin;
  return { path, library: libraryPath, metadata: manifest?.raw ?? null, permissions, valid: isValid, problems };
}

function withoutName(path: string): DiscoveredPlugin {
  const message = `${path}: the directory's name is not UTF-8, as all paths in JSON are`;
  const problem = toProblem(new DlrpcError("INVALID_PLUGIN", message, { hint: "Rename the directory." }));
  return { path, library: null, metadata: null, permissions: null, valid: false, problems: [problem] };
}
