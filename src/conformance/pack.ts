// Packs protocol/conformance into one text, for the build: `node src/conformance/pack.ts OUTPUT`. It is part of the
// program's one file, and what is small costs the verbs that do not need it no time to read.

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";

const protocol = fileURLToPath(new URL("../../protocol", import.meta.url));
const suite = join(protocol, "conformance");

/** File name → its content: JSON as it is parsed, sources as text. */
function contents(): Record<string, unknown> {
  const json = readdirSync(suite).filter((name) => extname(name) === ".json");
  const sources = readdirSync(join(suite, "plugins")).map((name) => join("plugins", name));
  const paths = [...[...json, ...sources].map((name) => join(suite, name)), join(protocol, "vtcode_plugin.h")];
  return Object.fromEntries(
    paths.sort().map((path) => {
      const text = readFileSync(path, "utf8");
      return [basename(path), extname(path) === ".json" ? JSON.parse(text) : text];
    }),
  );
}

const [output = ""] = process.argv.slice(2);
if (output === "") throw new Error("usage: pack.ts OUTPUT");
mkdirSync(dirname(output), { recursive: true });
const temporary = `${output}.${process.pid}`;
writeFileSync(temporary, deflateRawSync(JSON.stringify(contents()), { level: 9 }).toString("base64"));
renameSync(temporary, output); // whole at any time: builds may run beside each other
