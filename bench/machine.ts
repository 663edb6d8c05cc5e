// Owns what a result says of where it comes from.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, cpus, release } from "node:os";
import { join } from "node:path";
import { findPython, mcpDirectory, mcpServerDirectory, versionOf } from "./build.ts";
import { projectRoot } from "./paths.ts";

/** What → which; what is not on this machine is missing. */
export function describeMachine(): Record<string, string> {
  const facts: Record<string, () => string | undefined> = {
    date: () => new Date().toISOString().slice(0, 10),
    commit: () => gitCommit(),
    processor: () => `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    kernel: () => `Linux ${release()} ${arch()}`,
    node: () => process.version,
    koffi: () => installed(projectRoot, "koffi"),
    "vscode-jsonrpc": () => installed(projectRoot, "vscode-jsonrpc"),
    "MCP SDK": () => installed(mcpDirectory, "@modelcontextprotocol/sdk"),
    "MCP SDK 2": () => installed(mcpServerDirectory, "@modelcontextprotocol/server"),
    cc: () => versionOf("cc"),
    rustc: () => versionOf("rustc"),
    python: () => versionOf(findPython()),
  };
  return Object.fromEntries(Object.entries(facts).map(([what, find]) => [what, whereThere(find)]));
}

function installed(directory: string, name: string): string {
  return JSON.parse(readFileSync(join(directory, "node_modules", name, "package.json"), "utf8")).version;
}

function gitCommit(): string {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: projectRoot, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--untracked-files=no", "--", "src") !== "";
  return git("rev-parse", "--short=12", "HEAD") + (changed ? ", with changes" : "");
}

function whereThere(find: () => string | undefined): string {
  try {
    return find() ?? "";
  } catch {
    return "not there";
  }
}
