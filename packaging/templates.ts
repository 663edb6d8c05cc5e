// Owns the templates of `dlrpc new` as the program has them: one file beside its script, of all that templates/ holds.

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { projectRoot } from "./places.ts";

export const templatesFile = join(projectRoot, "dist", "templates.json");

const templates = join(projectRoot, "templates");
const protocol = join(projectRoot, "protocol");

/** What each language has of protocol/, and where in the plugin's directory. */
const copies: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  c: { "vtcode_plugin.h": ".", "dlrpc_plugin.h": "." },
  cpp: { "vtcode_plugin.h": ".", "dlrpc_plugin.h": ".", "dlrpc_plugin.hpp": "." },
  rust: { "dlrpc_plugin.rs": "src" },
  go: { "vtcode_plugin.h": ".", "dlrpc_plugin.h": ".", "dlrpc_plugin.go": "." },
  d: {},
};

export function writeTemplates(): void {
  mkdirSync(dirname(templatesFile), { recursive: true });
  const temporary = `${templatesFile}.${process.pid}`;
  const contents = Object.entries(copies).map(([language, copied]) => [language, filesOf(language, copied)]);
  writeFileSync(temporary, JSON.stringify(Object.fromEntries(contents)));
  renameSync(temporary, templatesFile); // whole at any time: builds may run beside each other
}

/** Path in the plugin's directory, with `/` on any system → text. */
function filesOf(language: string, copied: Readonly<Record<string, string>>): Record<string, string> {
  const home = join(templates, language);
  const own = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => [relative(home, path).replaceAll(sep, "/"), path] as const);
  const copiedHere = Object.entries(copied).map(
    ([name, place]) => [posix.join(place, name), join(protocol, name)] as const,
  );
  const files = [...own, ...copiedHere].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(files.map(([path, source]) => [path, readFileSync(source, "utf8")]));
}
