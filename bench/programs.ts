// Owns what is compared: dlrpc and its peers, how each is built, started and spoken to.

import { join, resolve } from "node:path";
import {
  buildEngine,
  buildTools,
  compileProgram,
  engineProgram,
  findPython,
  installSdk,
  mcpDirectory,
  mcpServerDirectory,
  mimalloc,
  needMimalloc,
} from "./build.ts";
import type { Framing } from "./client.ts";
import {
  benchDirectory,
  builtDirectory,
  echoLibrary,
  manyToolsDirectory,
  pluginsDirectory,
  portableProgram,
  program,
  toolDirectory,
} from "./paths.ts";

/** Whether the methods are dlrpc's or those of MCP: of 2025-11-25, or of 2026-07-28, in which each request says all. */
export type Dialect = "dlrpc" | "mcp" | "mcp-stateless";

export interface Program {
  /** As --only and results.json name it. */
  readonly name: string;
  readonly title: string;
  readonly framing: Framing;
  readonly dialect: Dialect;
  readonly command: readonly string[];
  /** How it is started with 200 tools: it is measured with these, too. */
  readonly manyTools?: readonly string[];
  /** Whether it is dlrpc, in some version: what only dlrpc does is measured, too. */
  readonly isDlrpc?: true;
  /** Whether it writes a profile when SIGUSR2 comes. */
  readonly isProfiled?: true;
}

/** Builds the program where needed. @throws an error that says what is missing and what to install */
type Build = () => Program;

const profiler = join(benchDirectory, "profile.mjs");
const served = ["serve", "--trust", pluginsDirectory];
const dlrpc = [process.execPath, program, ...served];

function speaking(name: string, title: string, ...command: string[]): Program {
  return { name, title, framing: "headers", dialect: "dlrpc", command };
}

/** @param args how Node starts it with the tools in a directory */
function serving(name: string, title: string, dialect: Dialect, args: (directory: string) => string[]): Program {
  const command = [process.execPath, ...args(toolDirectory)];
  const manyTools = [process.execPath, ...args(manyToolsDirectory)];
  return { name, title, framing: "lines", dialect, command, manyTools };
}

function dlrpcMcp(name: string, title: string, dialect: Dialect): Program {
  buildTools();
  return serving(name, title, dialect, (directory) => [program, "mcp", "--trust", directory]);
}

function mcpServer(name: string, title: string, dialect: Dialect): Program {
  buildTools();
  installSdk(mcpServerDirectory, "server");
  const script = join(mcpServerDirectory, "server.mjs");
  return serving(name, title, dialect, (directory) => [script, echoLibrary, directory]);
}

function peer(name: string): string {
  return join(benchDirectory, "peers", name);
}

export const builds: Readonly<Record<string, Build>> = {
  dlrpc: () => ({ ...speaking("dlrpc", "**dlrpc**, isolated", ...dlrpc), isDlrpc: true }),
  "dlrpc-portable": () => {
    const command = [process.execPath, portableProgram, ...served, "--sandbox=none"];
    return speaking("dlrpc-portable", "dlrpc with its portable half", ...command);
  },
  floor() {
    const floor = compileProgram("peers/c-floor.c", join(builtDirectory, "c-floor"));
    return speaking("floor", "a loop in C, no JSON at all (the floor)", floor, echoLibrary);
  },

  rust() {
    buildEngine();
    return speaking("rust", "VT Code's engine in Rust, in-process", engineProgram, echoLibrary);
  },

  mimalloc() {
    buildEngine();
    needMimalloc();
    const command = ["env", `LD_PRELOAD=${mimalloc}`, engineProgram, echoLibrary];
    return speaking("mimalloc", "the same with mimalloc", ...command);
  },

  pair() {
    buildEngine();
    const relay = compileProgram("peers/relay.c", join(builtDirectory, "relay"));
    return speaking("pair", "the same as a worker behind a relay in C, isolated", relay, engineProgram, echoLibrary);
  },

  python: () =>
    speaking("python", "Python, ctypes and json, in-process", findPython(), peer("python_ctypes.py"), echoLibrary),

  mcp() {
    installSdk(mcpDirectory, "sdk");
    const command = [process.execPath, join(mcpDirectory, "server.mjs"), echoLibrary];
    return {
      ...speaking("mcp", "MCP server on the TypeScript SDK, koffi, in-process", ...command),
      framing: "lines",
      dialect: "mcp",
    };
  },

  "dlrpc-mcp": () => dlrpcMcp("dlrpc-mcp", "**`dlrpc mcp`**, isolated", "mcp"),
  "mcp-server": () => mcpServer("mcp-server", "MCP server on the TypeScript SDK 2, koffi, in-process", "mcp"),
  "dlrpc-mcp-stateless": () => dlrpcMcp("dlrpc-mcp-stateless", "**`dlrpc mcp`**, 2026-07-28", "mcp-stateless"),
  "mcp-server-stateless": () =>
    mcpServer("mcp-server-stateless", "MCP server on the TypeScript SDK 2, 2026-07-28", "mcp-stateless"),

  "vscode-jsonrpc": () =>
    speaking(
      "vscode-jsonrpc",
      "vscode-jsonrpc and koffi, in-process",
      process.execPath,
      peer("vscode-jsonrpc.mjs"),
      echoLibrary,
    ),
};

/** The same, if Node runs it, with a CPU profile of the broker in `directory` after the rounds. */
export function profiled(program: Program, directory: string): Program {
  const [file, ...args] = program.command;
  if (file !== process.execPath) return program;
  const environment = ["env", `BENCH_PROFILE=${resolve(directory)}`];
  return { ...program, isProfiled: true, command: [...environment, file, "--import", profiler, ...args] };
}

/** Another dlrpc, as `--vs NAME=COMMAND` gives it. */
export function otherProgram(given: string): Program {
  const [, name, command] = /^([^=]+)=(.+)$/.exec(given) ?? [];
  if (name === undefined || command === undefined) throw new Error(`--vs is \`${given}\`, NAME=COMMAND is needed`);
  return { ...speaking(name, name, ...command.split(/\s+/)), isDlrpc: true };
}
