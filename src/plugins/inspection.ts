// Owns what is said of plugins without running their code (D1), to hosts and to people alike: of those that are in the
// trusted directories, and of one wherever it lies.

import type { DiscoveredPlugin, Permissions, Problem } from "../../protocol/messages.ts";
import { Examination, type ExamineOptions } from "./examine.ts";
import { type Found, NameIndex, pluginDirectories, sharedName, unnameableDirectories } from "./find.ts";
import { toProblem } from "./finding.ts";

/**
 * All plugins in some directories, in their order (D2).
 * @param directories canonical; all trusted ones where undefined
 */
export async function discoverPlugins(
  directories: readonly string[] | undefined,
  options: ExamineOptions,
): Promise<DiscoveredPlugin[]> {
  const groups: { found: Found[]; unnameable: string[] }[] = [];
  const index = new NameIndex();
  for (const directory of directories ?? options.trust.canonical) {
    const found: Found[] = [];
    for (const place of await pluginDirectories(directory)) found.push([place, await Examination.of(place, options)]);
    index.add(found);
    groups.push({ found, unnameable: await unnameableDirectories(directory) });
  }
  const names = directories === undefined ? index : await NameIndex.of(options);
  return groups.flatMap(({ found, unnameable }): DiscoveredPlugin[] => [
    ...found.map(([, examination]) => discovered(examination, names)),
    ...unnameable.map(withoutName),
  ]);
}

/** Examines one plugin as plugin/validate does: one outside every trusted directory is read, and that is a warning. */
export async function examineAnywhere(path: string, options: ExamineOptions): Promise<Examination> {
  const examination = await Examination.of(path, { ...options, untrusted: "report", allPlatforms: true });
  if (examination.isNative && examination.name !== undefined)
    examination.note(sharedName(examination, await NameIndex.of(options)));
  return examination;
}

export interface Validation {
  readonly valid: boolean;
  readonly permissions: Permissions | null;
  readonly problems: readonly Problem[];
}

/** What plugin/validate answers. */
export function validation({ isValid, permissions, problems }: Examination): Validation {
  return { valid: isValid, permissions, problems };
}

function discovered(plugin: Examination, names: NameIndex): DiscoveredPlugin {
  plugin.note(sharedName(plugin, names));
  const { path, libraryPath = null, manifest, permissions, isValid, problems } = plugin;
  return { path, library: libraryPath, metadata: manifest?.raw ?? null, permissions, valid: isValid, problems };
}

function withoutName(path: string): DiscoveredPlugin {
  const problem = toProblem({
    severity: "error",
    code: "INVALID_PLUGIN",
    message: `${path}: the directory's name is not UTF-8, as all paths in JSON are`,
    details: { hint: "Rename the directory." },
  });
  return { path, library: null, metadata: null, permissions: null, valid: false, problems: [problem] };
}
