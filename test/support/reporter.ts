// The plugin that takes the table and does with it what a test says: protocol/conformance/plugins/reporter.c.

import { join } from "node:path";
import { compileLibrary } from "../../fixtures/compile.ts";
import { manifestText } from "../../fixtures/manifest.ts";
import { libraryName } from "../../fixtures/plugins.ts";
import { projectRoot } from "./paths.ts";
import type { PluginDirectory } from "./plugin-directory.ts";

const source = join(projectRoot, "protocol", "conformance", "plugins", "reporter.c");

/** Builds it. @returns the plugin's directory */
export async function addReporter(plugins: PluginDirectory, name = "reporter", metadata: object = {}): Promise<string> {
  const directory = plugins.add(name, { library: null });
  await compileLibrary({
    language: "c",
    sources: [source],
    output: join(directory, libraryName(name)),
    defines: { METADATA: JSON.stringify(manifestText({ name, ...metadata })) },
    flags: ["-fvisibility=hidden"],
  });
  return directory;
}
