// The official clients behind one face, for tests. Where there is a wire, all that passes on it is held to the schema of the
// revision that they speak.

import { Client as NewClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as NewTransport } from "@modelcontextprotocol/client/stdio";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect } from "vitest";
import { ownProgram } from "../../support/paths.ts";
import { Wire } from "./wire.ts";

interface Progress {
  progress: number;
}

interface CallOptions {
  onprogress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

/** What tests want of a client. */
export interface Session extends AsyncDisposable {
  /** The process of dlrpc; on a wire, once something was said. */
  pid(): number;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks
  tools(): Promise<any[]>;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<any>;
  /** What went wrong with the connection. */
  readonly errors: Error[];
}

const info = { name: "test", version: "1.0.0" };

const [command = "", ...program] = ownProgram;
const parameters = (args: readonly string[], wire?: Wire) =>
  wire?.command(args) ?? { command, args: [...program, "mcp", ...args] };

async function end(closed: Promise<void>, wire: Wire | undefined): Promise<void> {
  using heard = wire;
  await closed;
  if (heard !== undefined) expect(heard.requireForms()).toBeGreaterThan(0);
}

export async function connectNew(
  args: readonly string[],
  mode: "legacy" | "auto" | { pin: string },
  wire?: Wire,
): Promise<Session> {
  const client = new NewClient(info, { versionNegotiation: { mode } });
  const errors: Error[] = [];
  client.onerror = (error) => errors.push(error);
  const transport = new NewTransport(parameters(args, wire));
  await client.connect(transport);
  return {
    pid: () => wire?.serverOf(transport.pid ?? 0) ?? transport.pid ?? 0,
    errors,
    tools: async () => (await client.listTools()).tools,
    call: (name, input = {}, options = {}) => client.callTool({ name, arguments: input }, options),
    [Symbol.asyncDispose]: () => end(client.close(), wire),
  };
}

export async function connectOld(args: readonly string[], wire?: Wire): Promise<Session> {
  const client = new OldClient(info);
  const errors: Error[] = [];
  client.onerror = (error) => errors.push(error);
  const transport = new OldTransport(parameters(args, wire));
  await client.connect(transport);
  return {
    pid: () => wire?.serverOf(transport.pid ?? 0) ?? transport.pid ?? 0,
    errors,
    tools: async () => (await client.listTools()).tools,
    call: (name, input = {}, options = {}) => client.callTool({ name, arguments: input }, undefined, options),
    [Symbol.asyncDispose]: () => end(client.close(), wire),
  };
}

export const clients: Record<string, (args: readonly string[]) => Promise<Session>> = {
  "2.4.0, which asks first": (args) => connectNew(args, "auto", new Wire()),
  "2.4.0 on 2026-07-28": (args) => connectNew(args, { pin: "2026-07-28" }, new Wire()),
  "2.4.0 as it is by itself": (args) => connectNew(args, "legacy", new Wire()),
  "1.32.2": (args) => connectOld(args, new Wire()),
};
