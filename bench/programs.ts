// Owns what is compared: dlrpc and its peers, how each is built and spoken to.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { compileProgram, type Framing } from "./client.ts";
import { benchDirectory, builtDirectory, echoLibrary, pluginsDirectory, program } from "./paths.ts";

/** Where the methods are dlrpc's, or those of MCP. */
export type Dialect = "dlrpc" | "mcp";

export interface Program {
  /** As --only and results.json name it. */
  readonly name: string;
  readonly title: string;
  readonly framing: Framing;
  readonly dialect: Dialect;
  readonly command: readonly string[];
  /** Params of plugin/load, besides the path. */
  readonly load?: Readonly<Record<string, unknown>>;
}

export interface Recipe extends Program {
  /** Builds it where needed. @throws an error that says what is missing and what to install */
  build(): void;
}

const floor = join(builtDirectory, "c-floor");
const relay = join(builtDirectory, "relay");
const engine = join(builtDirectory, "rust", "release", "rust-engine");
const debianCrates = "/usr/share/cargo/registry";

const serve = [process.execPath, program, "serve", "--trust", pluginsDirectory];
const spoken = { framing: "headers", dialect: "dlrpc" } as const;

export const recipes: readonly Recipe[] = [
  { name: "dlrpc", title: "**dlrpc**, isolated", ...spoken, command: serve, build() {} },
  {
    name: "c-floor",
    title: "C loop, no JSON at all (the floor)",
    ...spoken,
    command: [floor, echoLibrary],
    build: () => compileProgram("peers/c-floor.c", floor),
  },
  {
    name: "rust",
    title: "VT Code's engine in Rust, in-process",
    ...spoken,
    command: [engine, echoLibrary],
    build: buildEngine,
  },
  {
    name: "pair",
    title: "relay in C and the Rust engine, isolated",
    ...spoken,
    command: [relay, engine, echoLibrary],
    build() {
      buildEngine();
      compileProgram("peers/relay.c", relay);
    },
  },
];

function need(found: boolean, what: string, how: string): void {
  if (!found) throw new Error(`${what} is missing: ${how}`);
}

/** With Debian's crates and without network. Cargo itself sees whether there is anything to do. */
function buildEngine(): void {
  const how = "apt-get install cargo librust-libloading-dev librust-serde-json-dev librust-serde-derive-dev (Debian)";
  need(existsSync(join(debianCrates, "serde_json-1.0.87")) || existsSync(debianCrates), debianCrates, how);
  const sources = ['source.crates-io.replace-with="debian"', `source.debian.directory="${debianCrates}"`];
  const options = ["--release", "--offline", "--quiet", ...sources.flatMap((source) => ["--config", source])];
  execFileSync("cargo", ["build", ...options, "--target-dir", join(builtDirectory, "rust")], {
    cwd: join(benchDirectory, "peers", "rust-engine"),
    stdio: ["ignore", "ignore", "inherit"],
  });
}
