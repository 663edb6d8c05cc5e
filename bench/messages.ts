// Owns the messages that are sent, as files for the client: written once, whichever programs they are for.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inputOf, type Shape } from "./payloads.ts";
import type { Dialect } from "./programs.ts";

/** The client counts this one up. */
const id = 10_000_000;

export class Messages {
  private readonly directory = mkdtempSync(join(tmpdir(), "dlrpc-bench-"));
  private count = 0;

  constructor() {
    process.once("exit", () => rmSync(this.directory, { recursive: true }));
  }

  /** A file with any one request, good until 100 more were asked for. */
  message(method: string, params: object): string {
    return this.write({ jsonrpc: "2.0", id: 1, method, params });
  }

  notification(method: string, params?: object): string {
    return this.write({ jsonrpc: "2.0", method, params });
  }

  /** A call of the echo plugin with an input of about so many bytes. */
  call(dialect: Dialect, handle: string, shape: Shape, bytes: number): string {
    const file = join(this.directory, `${dialect}-${handle}-${shape}-${bytes}`);
    if (!existsSync(file)) writeFileSync(file, callOf(dialect, handle, inputOf(shape, bytes)));
    return file;
  }

  private write(message: object): string {
    const file = join(this.directory, `message-${this.count++ % 100}`);
    writeFileSync(file, JSON.stringify(message));
    return file;
  }
}

/** What each request in 2026-07-28 has in its params. */
export const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

function callOf(dialect: Dialect, handle: string, input: string): string {
  const tool = `"name":"bench-echo","arguments":${input}`;
  const [method, params] = {
    dlrpc: ["plugin/execute", `{"handle":"${handle}","input":${input}}`],
    mcp: ["tools/call", `{${tool}}`],
    "mcp-stateless": ["tools/call", `{${tool},"_meta":${JSON.stringify(META)}}`],
  }[dialect];
  return `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;
}
