// The example sessions of SPEC.md are what the program does, byte for byte.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { expect, test } from "vitest";
import { plugin, program } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { session, spec } from "./spec.ts";

const COMMAND = "serve --trust plugins";

/** The program as the sessions start it, and what it writes, to be taken bit by bit. */
class Program implements AsyncDisposable {
  private readonly directory = new PluginDirectory();
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private output = Buffer.alloc(0);

  constructor() {
    this.directory.directory("plugins");
    for (const name of ["hello-world", "hostile"]) {
      const copy = join(this.directory.path, "plugins", name);
      cpSync(plugin(name), copy, { recursive: true });
      chmodSync(copy, 0o755); // whatever the umask
    }
    this.child = spawn(process.execPath, [program, ...COMMAND.split(" ")], {
      cwd: this.directory.path,
      env: { ...process.env, HOME: "/nonexistent", DLRPC_TRUSTED_DIRS: "" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.child.stdout.on("data", (chunk: Buffer) => {
      this.output = Buffer.concat([this.output, chunk]);
    });
  }

  write(text: string): void {
    this.child.stdin.write(text);
  }

  /** The next bytes, `length` of them once that many are there. */
  async take(length: () => number | undefined): Promise<string> {
    for (;;) {
      const count = length();
      if (count !== undefined && count <= this.output.length) {
        const taken = this.output.subarray(0, count).toString();
        this.output = this.output.subarray(count);
        return taken;
      }
      await once(this.child.stdout, "data");
    }
  }

  takeThrough(end: string): Promise<string> {
    return this.take(() => {
      const at = this.output.indexOf(end);
      return at < 0 ? undefined : at + end.length;
    });
  }

  /** Waits for the end. @returns the status, and what had not been taken */
  async end(): Promise<{ status: number; rest: string }> {
    const [status] = await once(this.child, "close");
    return { status, rest: this.output.toString() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    this.directory[Symbol.dispose]();
  }
}

/** A pattern for what SPEC.md shows, in which `…` stands for anything. */
function shown(text: string): RegExp {
  return new RegExp(`^${text.split("…").map(RegExp.escape).join("[^]*")}$`);
}

test("both sessions begin with the command that is run here", () => {
  expect(spec.match(new RegExp(`^\`dlrpc ${COMMAND}\`, with (lines|headers)`, "gm"))).toHaveLength(2);
});

test("W2: the session with lines", async () => {
  await using dlrpc = new Program();
  for (const { by, lines } of session("lines")) {
    for (const line of lines) {
      if (by === "host") dlrpc.write(`${line}\n`);
      else expect(await dlrpc.takeThrough("\n")).toMatch(shown(`${line}\n`));
    }
  }
  expect(await dlrpc.end()).toEqual({ status: 0, rest: "" });
});

test("W1, W5: the session with headers", async () => {
  await using dlrpc = new Program();
  for (const { by, header, body } of session("headers").flatMap(messagesOf)) {
    const [, length = ""] = /^Content-Length: (\S*)$/m.exec(header) ?? [];
    if (!body.includes("…") && length !== "many")
      expect([body, Number(length)]).toEqual([body, Buffer.byteLength(body)]);
    if (by === "host") {
      dlrpc.write(`${header.replaceAll("\n", "\r\n")}\r\n\r\n${body}`);
    } else {
      const got = await dlrpc.takeThrough("\r\n\r\n");
      expect(got).toMatch(shown(`${header}\r\n\r\n`));
      const bytes = Number(/\d+/.exec(got)?.[0]);
      expect(await dlrpc.take(() => bytes)).toMatch(shown(body));
    }
  }
  expect(await dlrpc.end()).toEqual({ status: 0, rest: "" });
});

interface FramedMessage {
  by: "host" | "dlrpc";
  header: string;
  body: string;
}

/** The messages of one turn: header lines, an empty line, the body. */
function messagesOf({ by, lines }: ReturnType<typeof session>[number]): FramedMessage[] {
  const messages: FramedMessage[] = [];
  for (let at = 0; at < lines.length; ) {
    const empty = lines.indexOf("", at);
    messages.push({ by, header: lines.slice(at, empty).join("\n"), body: lines[empty + 1] ?? "" });
    at = empty + 2;
  }
  return messages;
}
