// Owns the conformance suite as the program has it: one file beside its script, of all that protocol/conformance holds.

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { projectRoot } from "./places.ts";

export const suiteFile = join(projectRoot, "dist", "conformance.json");

const protocol = join(projectRoot, "protocol");
const suite = join(protocol, "conformance");

export function writeSuite(): void {
  mkdirSync(dirname(suiteFile), { recursive: true });
  const temporary = `${suiteFile}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(contents()));
  renameSync(temporary, suiteFile); // whole at any time: builds may run beside each other
}

/** File name → its content: JSON as it is parsed, sources as text. */
function contents(): Record<string, unknown> {
  const json = readdirSync(suite).filter((name) => extname(name) === ".json");
  const sources = readdirSync(join(suite, "plugins")).map((name) => join("plugins", name));
  const headers = ["vtcode_plugin.h", "dlrpc_plugin.h"].map((name) => join(protocol, name));
  const paths = [...[...json, ...sources].map((name) => join(suite, name)), ...headers];
  return Object.fromEntries(
    paths.sort().map((path) => {
      const text = readFileSync(path, "utf8");
      return [basename(path), extname(path) === ".json" ? JSON.parse(text) : text];
    }),
  );
}
