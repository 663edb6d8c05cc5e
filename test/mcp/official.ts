// The official clients behind one face, for tests.

import { Client as NewClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as NewTransport } from "@modelcontextprotocol/client/stdio";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ownProgram } from "../support/paths.ts";

interface Progress {
  progress: number;
}

interface CallOptions {
  onprogress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

/** What tests want of a client. */
export interface Session extends AsyncDisposable {
  readonly pid: number;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks
  tools(): Promise<any[]>;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<any>;
  /** What went wrong with the connection. */
  readonly errors: Error[];
}

const info = { name: "test", version: "1.0.0" };
const [command = "", ...program] = ownProgram;
const parameters = (args: readonly string[]) => ({ command, args: [...program, "mcp", ...args] });

export async function connectNew(args: readonly string[], mode: "legacy" | "auto" | { pin: string }): Promise<Session> {
  const client = new NewClient(info, { versionNegotiation: { mode } });
  const errors: Error[] = [];
  client.onerror = (error) => errors.push(error);
  const transport = new NewTransport(parameters(args));
  await client.connect(transport);
  return {
    pid: transport.pid ?? 0,
    errors,
    tools: async () => (await client.listTools()).tools,
    call: (name, input = {}, options = {}) => client.callTool({ name, arguments: input }, options),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

export async function connectOld(args: readonly string[]): Promise<Session> {
  const client = new OldClient(info);
  const errors: Error[] = [];
  client.onerror = (error) => errors.push(error);
  const transport = new OldTransport(parameters(args));
  await client.connect(transport);
  return {
    pid: transport.pid ?? 0,
    errors,
    tools: async () => (await client.listTools()).tools,
    call: (name, input = {}, options = {}) => client.callTool({ name, arguments: input }, undefined, options),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

export const clients: Record<string, (args: readonly string[]) => Promise<Session>> = {
  "2.4.0, which asks first": (args) => connectNew(args, "auto"),
  "2.4.0 on 2026-07-28": (args) => connectNew(args, { pin: "2026-07-28" }),
  "2.4.0 as it is by itself": (args) => connectNew(args, "legacy"),
  "1.32.2": connectOld,
};
