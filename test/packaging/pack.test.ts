// A14: packages for agents with the packed program in them, made by itself.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readZip } from "../cli/packing/package.ts";
import { plugin } from "../support/paths.ts";
import { packed, packedForArm } from "./packed.ts";

/** Packs hello-world in a new directory. @returns the directory, which goes when it is disposed of */
function pack(...args: readonly string[]) {
  const work = mkdtempSync(join(tmpdir(), "dlrpc-packing-"));
  const { status, stderr } = start(packed, ["pack", plugin("hello-world"), "--author=Ada", ...args], work);
  expect([status, stderr]).toEqual([0, ""]);
  return { path: work, [Symbol.dispose]: () => rmSync(work, { recursive: true }) };
}

/** In an environment in which there is nothing but the system. */
function start(command: string, args: readonly string[], cwd: string, input = "") {
  return spawnSync(command, args, { cwd, input, encoding: "utf8", env: { PATH: "/usr/bin:/bin" } });
}

/** Asks an MCP server for its tools, and calls one. */
function useTool(command: string, args: readonly string[], cwd: string): void {
  const clientInfo = { name: "test", version: "1.0.0" };
  const messages = [
    { id: 1, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo } },
    { method: "notifications/initialized" },
    { id: 2, method: "tools/list" },
    { id: 3, method: "tools/call", params: { name: "hello-world", arguments: { name: "Ada" } } },
  ];
  const input = messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join("");
  const { status, stdout, stderr } = start(command, args, cwd, input);
  const results = new Map(
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .map(({ id, result }) => [id, result]),
  );
  expect([status, stderr]).toEqual([0, ""]);
  expect(results.get(2).tools).toMatchObject([{ name: "hello-world" }]);
  expect(results.get(3)).toMatchObject({ structuredContent: { message: "Hello, Ada!" } });
}

test("an Agent Plugin's MCP server runs its plugin without anything else", () => {
  using work = pack("--agent-plugin=agent", `--program=linux-arm64=${packedForArm}`);
  const root = join(work.path, "agent");
  const { mcpServers } = JSON.parse(readFileSync(join(root, "mcp.json"), "utf8"));
  const { command, args } = mcpServers["hello-world"];
  const expanded = args.map((arg: string) => arg.replace("$" + "{PLUGIN_ROOT}", root));
  useTool(command, expanded, root); // the working directory is the plugin's root, where nothing else is said
});

test("an MCP Bundle's server runs its plugin, from wherever it is unpacked", () => {
  using work = pack("--mcpb=hello.mcpb");
  const root = join(work.path, "un packed");
  for (const [name, { mode, text }] of readZip(join(work.path, "hello.mcpb"))) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text, "latin1");
    chmodSync(join(root, name), mode & 0o777);
  }
  const { server } = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8"));
  const [command, ...args] = [server.mcp_config.command, ...server.mcp_config.args].map((part: string) =>
    part.replace("$" + "{__dirname}", root),
  );
  useTool(command ?? "", args, "/");
});
