// Holds the architecture: imports go downwards only, some modules have one importer, and tests lie where what they test lies.

import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import config from "../vitest.config.ts";
import { layers } from "./support/layers.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Packages that belong behind one file, so that they can be replaced there. */
const soleImporters: Record<string, string> = {
  koffi: "src/ffi/ffi.ts",
  "fastest-levenshtein": "src/base/nearest.ts",
  "@noble/hashes": "src/signing/secret-key.ts",
  "@cfworker/json-schema": "src/json/json-schema.ts",
  diff: "src/cli/authoring/dev/line-diff.ts",
  fflate: "src/cli/packing/zip.ts",
  tar: "src/cli/installing/source/tar.ts",
};

interface Import {
  from: string;
  to: string;
}

function sourceFiles(): string[] {
  const files = ["src", "protocol", "native"].flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: "utf8" }).map((name) => join(directory, name)),
  );
  return files.filter((file) => file.endsWith(".ts"));
}

/** Every import, static or dynamic, of types or of values; paths relative to the project. */
function imports(): Import[] {
  return sourceFiles().flatMap((from) => {
    const text = readFileSync(join(root, from), "utf8");
    return [...text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*"([^"]+)"/gm)].map(([, specifier = ""]) => {
      return { from, to: whereTo(from, specifier) };
    });
  });
}

/** What differs between systems is imported by an alias (package.json, `imports`), and lies in the same layer for all. */
function whereTo(from: string, specifier: string): string {
  const [, layer, name] = /^#(platform|sandbox)\/(.*)$/.exec(specifier) ?? [];
  if (layer !== undefined) return `src/${layer}/linux/${name}.ts`;
  return specifier.startsWith(".") ? relative(root, resolve(root, dirname(from), specifier)) : specifier;
}

function layerOf(file: string): number {
  return layers.findIndex((layer) => file === layer || file.startsWith(`${layer}/`));
}

test("every source file belongs to a layer", () => {
  expect(sourceFiles().filter((file) => layerOf(file) < 0)).toEqual([]);
});

test("imports go downwards only", () => {
  const own = imports().filter(({ to }) => /^(src|protocol|native)\//.test(to));
  expect(own.length).toBeGreaterThan(100);
  expect(own.filter(({ from, to }) => layerOf(to) < layerOf(from))).toEqual([]);
});

test("no file imports itself, by way of others", () => {
  const importedBy = Map.groupBy(imports(), ({ from }) => from);
  const settled = new Set<string>();
  const circles: string[][] = [];
  const visit = (file: string, way: readonly string[]): void => {
    const begin = way.indexOf(file);
    if (begin >= 0) circles.push([...way.slice(begin), file]);
    if (begin >= 0 || settled.has(file)) return;
    for (const { to } of importedBy.get(file) ?? []) visit(to, [...way, file]);
    settled.add(file);
  };
  for (const file of importedBy.keys()) visit(file, []);
  expect(circles).toEqual([]);
});

test("a folder holds a dozen files at most", () => {
  const folders = Map.groupBy(sourceFiles(), (file) => dirname(file));
  const crowded = [...folders].filter(([folder, files]) => folder !== "protocol" && files.length > 12);
  expect(crowded.map(([folder, files]) => [folder, files.length])).toEqual([]);
});

test("some packages have one importer", () => {
  for (const [name, importer] of Object.entries(soleImporters)) {
    const importers = imports().filter(({ to }) => to === name || to.startsWith(`${name}/`));
    expect(importers.map(({ from }) => from)).toEqual([importer]);
  }
});

test("the client stands alone: it knows the protocol, and only it speaks vscode-jsonrpc", () => {
  const own = imports().filter(({ from }) => layerOf(from) === layers.indexOf("src/client"));
  const beyond = own.filter(({ to }) => /^(src|package\.json)/.test(to) && !to.startsWith("src/client/"));
  expect(beyond).toEqual([]);
  const speakers = imports().filter(({ to }) => to.startsWith("vscode-jsonrpc"));
  expect(speakers.length).toBeGreaterThan(0);
  expect(speakers.filter(({ from }) => !from.startsWith("src/client/"))).toEqual([]);
});

test("what keeps the event loop turning starts all that is made of promises, and makes those that others settle", () => {
  const alone = /^src\/(client|conformance)\/|^protocol\//; // no descriptor is polled there
  const own = ["src/platform/both-halves/promises.ts", "src/platform/linux/streams/reactor.ts"];
  const verbs = /^src\/(cli|entry)\//; // they keep it turning for all that they do
  const others = sourceFiles().filter((file) => !alone.test(file) && !verbs.test(file) && !own.includes(file));
  const made = /\bnew Promise\b(?!\(\(\) => \{\}\))|\bwithResolvers\b/;
  const started =
    /(?<!return )\bvoid [a-z]\w*[.(]|^\s*\w[\w.]*(?:\((?:[^()\n]|\([^()\n]*\))*\))?\s*\.(?:then|catch|finally)\(/m;
  const offending = others.filter((file) => {
    const text = readFileSync(join(root, file), "utf8");
    return made.test(text) || started.test(text);
  });
  expect(offending).toEqual([]);
});

test("which system this is matters in the platform layer only", () => {
  const beyond = sourceFiles().filter((file) => !/^src\/(platform|sandbox)\//.test(file));
  const asking = beyond.filter((file) =>
    /\bprocess\.platform\b(?! spells)/.test(readFileSync(join(root, file), "utf8")),
  );
  expect(asking).toEqual([]);
});

test("policy is apart from mechanism: what confines makes no system calls itself, src/platform and native/ do", () => {
  const policies = sourceFiles().filter((file) => /^src\/(sandbox|sandbox-policy)\//.test(file));
  expect(policies.length).toBeGreaterThan(20);
  const calling = policies.filter((file) =>
    /\b(libc|nativeFunction|kernel32)\(/.test(readFileSync(join(root, file), "utf8")),
  );
  expect(calling).toEqual([]);
});

test("the file that starts the process ends it", () => {
  const callers = sourceFiles().filter((file) =>
    /\bprocess\.exit\(|\bexitNow\(/.test(readFileSync(join(root, file), "utf8")),
  );
  const [own, ...others] = callers.filter((file) => !file.startsWith("src/platform/")); // where the function itself is
  expect([own, others]).toEqual(["src/entry/start.ts", []]);
});

test("no file is too long to read", () => {
  const lengths = sourceFiles().map((file) => ({
    file,
    lines: readFileSync(join(root, file), "utf8").split("\n").length,
  }));
  expect(lengths.filter(({ lines }) => lines > 350)).toEqual([]);
});

/** Tests of what has no single place in src. */
const foldersOfTheirOwn = {
  native: "the worker in C",
  protocol: "the contract as it is written down",
  docs: "what pages show",
  packaging: "what is shipped",
  windows: "Windows, in Wine",
  macos: "macOS, as far as its headers tell",
  containment: "plugins that do harm",
  chaos: "what happens all at once",
  fuzz: "random sessions",
  real: "plugins that are of use",
  cost: "what grows with a number",
  support: "what tests share",
};

function testFiles(): string[] {
  return globSync("**/*.test.ts", { cwd: join(root, "test"), exclude: ["**/node_modules"] });
}

test("tests lie in the folder of what they test, some twenty each at most", () => {
  const folders = Map.groupBy(testFiles(), (file) => dirname(file));
  expect(folders.get(".")).toEqual(["layering.test.ts"]);
  folders.delete(".");
  const isPlace = (folder: string) =>
    existsSync(join(root, "src", folder)) || Object.hasOwn(foldersOfTheirOwn, folder.split("/")[0] ?? "");
  expect([...folders.keys()].filter((folder) => !isPlace(folder))).toEqual([]);
  expect([...folders].filter(([, files]) => files.length > 20).map(([folder]) => folder)).toEqual([]);
});

test("files that the order of the tests names are there", () => {
  const named = (config.test?.projects ?? []).flatMap((project) =>
    typeof project === "object" && "test" in project ? (project.test?.include ?? []) : [],
  );
  const single = named.filter((name) => !name.includes("*"));
  expect(single.length).toBeGreaterThan(1);
  expect(single.filter((name) => !existsSync(join(root, name)))).toEqual([]);
});
