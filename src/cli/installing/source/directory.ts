// A plugin's directory as a source: all that `dlrpc pack` would pack.

import { LARGEST_FILE, scanRegularFile, UnreadableFile } from "../../../plugins/trust/read-file.ts";
import { CommandError } from "../../options.ts";
import { pluginFiles } from "../../packing/plugin-files.ts";
import type { PackageNames } from "./names.ts";
import type { StagedTree } from "./staged-tree.ts";

/** @param directory canonical @throws CommandError */
export async function stageDirectory(directory: string, tree: StagedTree, names: PackageNames): Promise<void> {
  for (const { name, content, isExecutable } of pluginFiles(directory, "")) {
    if (!("path" in content)) continue;
    using file = tree.file(name, isExecutable);
    if (file === undefined) continue;
    try {
      await scanRegularFile(content.path, LARGEST_FILE, (chunk) => {
        names.take(chunk.length);
        file.write(chunk);
      });
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      throw new CommandError(`${content.path}: ${error.message}; a readable regular file is needed`);
    }
    file.finish();
  }
}
