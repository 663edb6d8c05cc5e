// Runs `dlrpc dev` for tests: all that it says is read in order, stdout and stderr alike.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { ownProgram } from "./paths.ts";

export interface DeveloperOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The program, where it is not the built script. */
  readonly program?: readonly string[];
}

/** `dlrpc dev`, as it is read from beginning to end. */
export class Developer implements AsyncDisposable {
  readonly child: ChildProcess;
  private read = "";
  private at = 0;
  private hasEnded = false;
  private more = Promise.withResolvers<void>();

  /** @param args what follows `dlrpc dev` @param options where, and with what in the environment beside this one's */
  constructor(args: readonly string[], { cwd, env, program = ownProgram }: DeveloperOptions) {
    const command = ["-c", 'exec "$@" 2>&1', "sh", ...program, "dev", ...args];
    this.child = spawn("sh", command, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
    const stdout = this.child.stdout as Readable;
    stdout.setEncoding("utf8").on("data", (text: string) => {
      this.read += text;
      this.wake();
    });
    stdout.once("end", () => {
      this.hasEnded = true;
      this.wake();
    });
  }

  /** Waits until it says this. @returns what it has said since it was last waited for */
  async until(needed: string | RegExp): Promise<string> {
    for (;;) {
      const rest = this.read.slice(this.at);
      const [found] = typeof needed === "string" ? [needed] : (needed.exec(rest) ?? [""]);
      const at = rest.indexOf(found);
      if (at >= 0 && found !== "") {
        this.at += at + found.length;
        return rest.slice(0, at + found.length);
      }
      if (this.hasEnded) throw new Error(`it ended without ${needed}: ${rest}`);
      await this.more.promise;
    }
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.child.kill("SIGINT");
  }

  /** Waits until it has ended. @returns by which signal */
  async ended(): Promise<string | null> {
    if (this.child.signalCode === null && this.child.exitCode === null) await once(this.child, "exit");
    return this.child.signalCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGINT");
    await this.ended();
  }

  private wake(): void {
    this.more.resolve();
    this.more = Promise.withResolvers();
  }
}
