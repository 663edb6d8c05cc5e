// What passes between other people's clients and dlrpc, held to the schema of the revision that they speak.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { ownProgram } from "../../support/paths.ts";
import { type McpMessage, requireClientForm, requireServerForm } from "./forms.ts";

interface Entry {
  pid?: number;
  from?: "client" | "server";
  text?: string;
}

const tee = fileURLToPath(new URL("tee.ts", import.meta.url));

/** A wire that is listened to. Clients may start the command several times. */
export class Wire implements Disposable {
  private readonly directory = mkdtempSync(join(tmpdir(), "dlrpc-wire-"));

  /** The command that a client starts. */
  command(args: readonly string[]): { command: string; args: string[] } {
    return { command: process.execPath, args: [tee, this.directory, ...ownProgram, "mcp", ...args] };
  }

  /** The process of dlrpc behind the one that a client has started, once something was said. */
  serverOf(pid: number): number {
    return entriesOf(join(this.directory, `${pid}`))[0]?.pid ?? 0;
  }

  /** Holds all that was said to the schemas. @returns how many messages dlrpc sent */
  requireForms(): number {
    const files = readdirSync(this.directory).map((name) => join(this.directory, name));
    return files.map((file) => requireFormsOf(entriesOf(file))).reduce((sum, count) => sum + count, 0);
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }
}

function entriesOf(file: string): Entry[] {
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

/** @returns how many messages the server sent */
function requireFormsOf(entries: readonly Entry[]): number {
  let revision = ""; // that is spoken
  let count = 0;
  const waiting = new Map<unknown, string>();
  for (const { from, text = "" } of entries) {
    if (from === undefined) continue;
    const message: McpMessage = JSON.parse(text);
    const { id, method = "" } = message;
    if (from === "client") {
      revision = revisionOf(message) ?? revision;
      requireClientForm(revision, message);
      if (id !== undefined) waiting.set(id, method);
      continue;
    }
    count++;
    requireServerForm(revision, message, waiting.get(id));
    if (id === undefined) continue;
    expect([text.slice(0, 200), waiting.has(id)]).toEqual([text.slice(0, 200), true]); // nobody asked twice
    if (waiting.get(id) === "initialize") revision = message.result?.protocolVersion as string;
    waiting.delete(id);
  }
  return count;
}

/** The revision that a message of a client says. */
function revisionOf({ method, params }: McpMessage): string | undefined {
  if (method === "initialize") return params?.protocolVersion as string;
  const meta = params?._meta as Record<string, unknown> | undefined;
  return meta?.["io.modelcontextprotocol/protocolVersion"] as string | undefined;
}
