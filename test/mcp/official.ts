// The official clients behind one face, for tests. All that passes between them and dlrpc is held to the schema of the
// revision that they speak.

import { Client as NewClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as NewTransport } from "@modelcontextprotocol/client/stdio";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect } from "vitest";
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
  /** The process of dlrpc, once something was said. */
  pid(): number;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks
  tools(): Promise<any[]>;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<any>;
  /** What went wrong with the connection. */
  readonly errors: Error[];
}

const info = { name: "test", version: "1.0.0" };

/** Once the client has let go of it. */
async function judge(wire: Wire, closed: Promise<void>): Promise<void> {
  await closed;
  expect(wire.requireForms()).toBeGreaterThan(0);
  wire[Symbol.dispose]();
}

export async function connectNew(args: readonly string[], mode: "legacy" | "auto" | { pin: string }): Promise<Session> {
  const client = new NewClient(info, { versionNegotiation: { mode } });
  const errors: Error[] = [];
  client.onerror = (error) => errors.push(error);
  const wire = new Wire();
  const transport = new NewTransport(wire.command(args));
  await client.connect(transport);
  return {
    pid: () => wire.serverOf(transport.pid ?? 0),
    errors,
    tools: async () => (await client.listTools()).tools,
    call: (name, input = {}, options = {}) => client.callTool({ name, arguments: input }, options),
    [Symbol.asyncDispose]: () => judge(wire, client.close()),
  };
}

export async function connectOld(args: readonly string[]): Promise<Session> {
  const client = new OldClient(info);
  const errors: Error[] = [];
  client.onerror = (error) => errors.push(error);
  const wire = new Wire();
  const transport = new OldTransport(wire.command(args));
  await client.connect(transport);
  return {
    pid: () => wire.serverOf(transport.pid ?? 0),
    errors,
    tools: async () => (await client.listTools()).tools,
    call: (name, input = {}, options = {}) => client.callTool({ name, arguments: input }, undefined, options),
    [Symbol.asyncDispose]: () => judge(wire, client.close()),
  };
}

export const clients: Record<string, (args: readonly string[]) => Promise<Session>> = {
  "2.4.0, which asks first": (args) => connectNew(args, "auto"),
  "2.4.0 on 2026-07-28": (args) => connectNew(args, { pin: "2026-07-28" }),
  "2.4.0 as it is by itself": (args) => connectNew(args, "legacy"),
  "1.32.2": connectOld,
};
