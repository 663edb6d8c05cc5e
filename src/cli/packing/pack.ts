// `dlrpc pack`: makes packages of plugins that agents install, with dlrpc in them to run the plugins.

import { existsSync, readdirSync, statSync } from "node:fs";
import { absolute } from "../../base/absolute-path.ts";
import { isWithin } from "../../base/paths.ts";
import { resolve } from "../../plugins/trust/resolve.ts";
import { CommandError, parseOptions, UsageError } from "../options.ts";
import { mcpVerb } from "../serving/mcp-verb.ts";
import { say } from "../text/output.ts";
import { ProgressBar } from "../text/progress-bar.ts";
import { agentPluginManifests } from "./agent-plugin.ts";
import type { BundledFile } from "./file.ts";
import { identityOf } from "./identity.ts";
import { mcpbManifest } from "./mcpb.ts";
import { packVerb } from "./pack-verb.ts";
import { type BundledPlugin, readPlugins } from "./plugins.ts";
import { type Programs, programFiles, readPrograms } from "./programs.ts";
import { writeTree } from "./tree.ts";
import { writeZip } from "./zip.ts";

/** @returns the exit status @throws UsageError, CommandError, DlrpcError */
export async function runPack(args: readonly string[]): Promise<number> {
  const { own, forServer } = split(args);
  const options = parseOptions(packVerb, own);
  if (options.positionals.length === 0) throw new UsageError("pack needs the directory of a plugin, or of several");
  const [bundle, tree] = [options.value("mcpb"), options.value("agent-plugin")];
  if (bundle === undefined && tree === undefined) {
    throw new UsageError("pack needs --mcpb FILE or --agent-plugin DIR: what to make");
  }
  for (const output of [bundle, tree]) if (output !== undefined) requireOutside(output, options.positionals);
  if (bundle !== undefined) requireNewFile(bundle, options.has("force"));
  if (tree !== undefined) requireNewDirectory(tree);

  const programs = await readPrograms(options.all("program"));
  const plugins = await readPlugins(options.positionals);
  for (const plugin of plugins) requireServed(plugin, programs);
  const identity = identityOf(options, plugins);
  const contents = [...programFiles(programs), ...plugins.flatMap(({ files }) => files)];
  const manifest = bundle === undefined ? [] : [mcpbManifest(identity, plugins, programs, forServer)];
  const manifests = tree === undefined ? [] : agentPluginManifests(identity, forServer);
  if (bundle !== undefined) await showing([...manifest, ...contents], (...how) => writeZip(absolute(bundle), ...how));
  if (tree !== undefined) await showing([...manifests, ...contents], (...how) => writeTree(absolute(tree), ...how));

  const made = [bundle, tree].flatMap((output) => output ?? []);
  const lines = made.map(
    (output) => `${output}: ${identity.name} ${identity.version}, for ${[...programs.keys()].join(", ")}`,
  );
  say([...lines, ...plugins.flatMap((plugin) => shortfalls(plugin, programs)), ""].join("\n"));
  return 0;
}

/** Writes files, and shows a person how far that is: dlrpc's own are large. */
async function showing(
  files: readonly BundledFile[],
  write: (files: readonly BundledFile[], onFile: (file: BundledFile) => void) => Promise<void>,
): Promise<void> {
  const bar = new ProgressBar();
  let done = 0;
  try {
    await write(files, ({ name }) => {
      bar.show({ percentage: Math.floor((done / files.length) * 100), done, total: files.length, message: name });
      done++;
    });
  } finally {
    bar.end();
  }
}

/** What stands behind `--` is for the `dlrpc mcp` of the package. @throws UsageError where that would not take it */
function split(args: readonly string[]): { own: readonly string[]; forServer: readonly string[] } {
  const at = args.indexOf("--");
  if (at < 0) return { own: args, forServer: [] };
  const forServer = args.slice(at + 1);
  parseOptions(mcpVerb, forServer);
  return { own: args.slice(0, at), forServer };
}

/** @throws CommandError where a plugin would run on none of the platforms */
function requireServed({ name, platforms }: BundledPlugin, programs: Programs): void {
  if (platforms.some((platform) => programs.has(platform))) return;
  const [found, needed] = [platforms, [...programs.keys()]].map((list) => list.join(", "));
  throw new CommandError(
    `${name} has a library for ${found}, and the package has dlrpc for ${needed}; give --program for it`,
  );
}

/** The platforms on which a plugin will not run, in words. */
function shortfalls({ name, platforms }: BundledPlugin, programs: Programs): string[] {
  const lacking = [...programs.keys()].filter((platform) => !platforms.includes(platform));
  const unused = platforms.filter((platform) => !programs.has(platform));
  return [
    ...lacking.map((platform) => `${name} has no library for ${platform}`),
    ...unused.map((platform) => `${name} has a library for ${platform}, but there is no --program ${platform}=FILE`),
  ];
}

/** A package that lies in a plugin would be packed with it the next time. */
function requireOutside(output: string, plugins: readonly string[]): void {
  const path = absolute(output);
  for (const plugin of plugins) {
    const found = resolve(plugin);
    const names = [absolute(plugin), ...("canonical" in found ? [found.canonical] : [])];
    if (names.some((name) => isWithin(path, name))) {
      throw new UsageError(`${output} would lie in the plugin ${plugin}, and be a part of it; make it elsewhere`);
    }
  }
}

function requireNewFile(path: string, mayReplace: boolean): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isFile()) throw new CommandError(`${path} is no regular file; a bundle is one`);
  if (!mayReplace) throw new CommandError(`${path} exists; --force writes over it`);
}

function requireNewDirectory(path: string): void {
  if (!existsSync(path)) return;
  if (statSync(path).isDirectory() && readdirSync(path).length === 0) return;
  throw new CommandError(`${path} exists and is not an empty directory; remove it, or give another`);
}
