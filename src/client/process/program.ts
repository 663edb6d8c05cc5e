// dlrpc's process: which command it is, its start, its end, and its last words.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { ConnectionLostError } from "../errors/errors.ts";

export interface ProgramOptions {
  /** The executable, or it and what stands before `serve`. A JavaScript file is run by this Node. */
  readonly command?: string | readonly [string, ...string[]] | undefined;
  /** More options for `dlrpc serve`; `dlrpc help serve` lists them. */
  readonly args?: readonly string[] | undefined;
  /** The program's environment; default: this process's. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** The program's working directory; default: this process's. */
  readonly cwd?: string | undefined;
}

/** How the program ended. */
export interface ProgramExit {
  /** Its status; null where a signal ended it. */
  readonly exitCode: number | null;
  /** The signal that ended it; null where it ended by itself. */
  readonly signal: NodeJS.Signals | null;
  /** The last that it wrote to its stderr. */
  readonly stderrTail: string;
}

const TAIL_LENGTH = 4096;
const TAIL_LINES_SHOWN = 10;
/** How long a program may live on without its pipes, and its pipes without it (something it started may hold them). */
const GRACE_MS = 2000;

/** Starts the program and waits until it runs. @throws ConnectionLostError where it cannot be started */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { env = process.env, cwd } = options;
  const command = commandLine(options);
  const [file, ...args] = command;
  try {
    const environment = file === process.execPath ? { ...env, ...asNode } : env;
    const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], env: environment, cwd, windowsHide: true });
    const program = new Program(child, command.join(" "));
    await once(child, "spawn");
    return program;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const noDirectory = cwd !== undefined && !existsSync(cwd); // Node says that the command does not exist
    const hint = noDirectory ? `There is no directory ${cwd}, which \`cwd\` names.` : COMMAND_HINT;
    throw notStarted(command.join(" "), reason, hint, cause);
  }
}

export const COMMAND_HINT = "Set `command`, or DLRPC_BIN in the environment, to the dlrpc executable.";

/** `command`, else DLRPC_BIN, else the program that this client was published with. */
function commandLine({ command = process.env.DLRPC_BIN, args = [] }: ProgramOptions): [string, ...string[]] {
  const [file, ...before] = typeof command === "object" ? command : [command || ownProgram()];
  const start: [string, ...string[]] = isScript(file) ? [process.execPath, file] : [file];
  return [...start, ...before, "serve", ...args];
}

const isScript = (file: string): boolean => /\.[cm]?js$/.test(file);

/** In Electron this Node is a whole browser, unless it is told not to be. */
const asNode = process.versions.electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: "1" };

/** Beside the built client. @throws ConnectionLostError where it is not there: a bundler takes the client elsewhere */
function ownProgram(): string {
  const directory: string | undefined = import.meta.dirname; // undefined in some bundles
  const file = directory === undefined ? undefined : join(directory, "dlrpc.cjs");
  if (file !== undefined && existsSync(file)) return file;
  const place = file === undefined ? "the client does not know where it lies" : `${file} is not there`;
  throw notStarted("dlrpc.cjs", `${place}, as in a bundled program`, COMMAND_HINT);
}

function notStarted(command: string, reason: string, hint: string, cause?: unknown): ConnectionLostError {
  return new ConnectionLostError(
    `dlrpc could not be started: ${reason} (command: ${command})`,
    { command, exitCode: null, signal: null, stderrTail: "", sideEffectsUnknown: false, hint },
    cause === undefined ? {} : { cause },
  );
}

export class Program {
  /** The command line, for people. */
  readonly command: string;
  /** Resolves when the process has ended and everything that it wrote has been read. */
  readonly ended: Promise<ProgramExit>;
  /** Why the client gave up on the program, where it did. */
  problem: string | undefined;
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private stderrTail = "";

  constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, command: string) {
    this.child = child;
    this.command = command;
    this.ended = new Promise((resolve) => {
      child.once("close", (exitCode: number | null, signal: NodeJS.Signals | null) => {
        resolve({ exitCode, signal, stderrTail: this.stderrTail });
      });
    });
  }

  /** Reads stderr, and sees to it that the process and its pipes end together. */
  watch(onStderr: (text: string) => void): void {
    const { child } = this;
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderrTail = (this.stderrTail + text).slice(-TAIL_LENGTH);
      onStderr(text);
    });
    let deadline: NodeJS.Timeout | undefined;
    const endAlone = () => {
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      if (!hasEnded) deadline ??= setTimeout(() => this.kill(), GRACE_MS);
    };
    child.stdin.once("error", endAlone); // it does not read any more
    child.stdout.once("close", endAlone); // it does not answer any more
    child.once("exit", () => {
      clearTimeout(deadline);
      const stop = whenQuiet(child.stdout, () => {
        child.stdout.destroy();
        child.stderr.destroy();
      });
      child.once("close", stop);
    });
  }

  /** Ends the process at once. */
  kill(): void {
    this.child.kill("SIGKILL");
  }

  /** Ends the process because it is of no use. */
  giveUp(problem: string): void {
    this.problem ??= problem;
    this.kill();
  }

  /** What a request is rejected with when the program has ended before its answer came. */
  lostError(exit: ProgramExit, sideEffectsUnknown: boolean, hint?: string): ConnectionLostError {
    const { exitCode, signal, stderrTail } = exit;
    const how = this.problem ?? (signal === null ? `ended with status ${exitCode}` : `was ended by ${signal}`);
    const lines = stderrTail.trimEnd().split("\n").slice(-TAIL_LINES_SHOWN).join("\n  ");
    const words = lines === "" ? "" : `; its last words:\n  ${lines}`;
    return new ConnectionLostError(`dlrpc ${how} (command: ${this.command})${words}`, {
      command: this.command,
      exitCode,
      signal,
      stderrTail,
      sideEffectsUnknown,
      ...(hint !== undefined && { hint }),
    });
  }
}

/** Calls back once a stream has had nothing to say for a while. @returns what calls that off */
function whenQuiet(stream: Readable, callback: () => void): () => void {
  let isQuiet = true;
  stream.on("data", () => {
    isQuiet = false;
  });
  const look = () => {
    if (isQuiet) return callback();
    isQuiet = true;
    deadline.refresh();
  };
  // What waits to be read is read between the two: a client that was busy all the while must not lose answers.
  const deadline = setTimeout(() => setImmediate(look), GRACE_MS);
  return () => clearTimeout(deadline);
}
