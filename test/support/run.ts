// Runs the built program once, as a shell would: arguments and stdin in, everything that it says out.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { ownProgram } from "./paths.ts";

export interface RunOptions {
  /** All of stdin. */
  input?: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** The program, where it is not the built script. */
  program?: readonly string[];
}

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

export async function run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { input = "", env = {}, cwd, program = ownProgram } = options;
  const [file = "", ...first] = program;
  const child = spawn(file, [...first, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, HOME: "/nonexistent", DLRPC_TRUSTED_DIRS: "", ...env },
    ...(cwd !== undefined && { cwd }),
  });
  child.stdin.on("error", () => {}); // a program that has refused its options does not read
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { status: child.exitCode, stdout, stderr };
}

/** A request as one line. */
export function line(id: number | string, method: string, params?: object): string {
  return `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;
}

/** What a session with line framing said. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks
export function messagesOf({ stdout }: Outcome): any[] {
  return stdout.split("\n").flatMap((text) => (text === "" ? [] : [JSON.parse(text)]));
}
