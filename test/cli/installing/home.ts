// A home of one's own, with what an operator puts there.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { libraryName } from "../../../fixtures/plugins.ts";
import { goodManifest, libraryOf, PluginDirectory } from "../../support/plugin-directory.ts";
import { type Outcome, run } from "../../support/run.ts";

export class OperatorHome extends PluginDirectory {
  readonly plugins = join(this.path, ".vtcode", "plugins");

  run(...args: string[]): Promise<Outcome> {
    return run(args, { env: { HOME: this.path }, cwd: this.path });
  }

  /** What lies where plugins are installed, leftovers included; nothing where that is not there. */
  get installed(): string[] {
    try {
      return readdirSync(this.plugins).sort();
    } catch {
      return [];
    }
  }

  /** The version of what is installed, by its name. */
  version(name: string): string {
    return JSON.parse(readFileSync(join(this.plugins, name, "plugin.json"), "utf8")).version;
  }
}

/** The files of a good plugin. */
export function goodFiles(manifest: object = {}): { name: string; content: Buffer; mode: number }[] {
  const described = { ...goodManifest, name: "made", ...manifest };
  return [
    { name: "plugin.json", content: Buffer.from(JSON.stringify(described)), mode: 0o644 },
    { name: libraryName("made"), content: readFileSync(libraryOf("counter")), mode: 0o755 },
  ];
}
