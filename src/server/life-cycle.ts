// Owns how a server ends: what asks for it, and in which order (L2 to L5).

import { setTimeout as elapse } from "node:timers/promises";
import { endDescendants } from "#platform/processes/children";
import { whenProcessEnds } from "#platform/processes/own-process";
import { DlrpcError } from "../../protocol/errors.ts";
import { log } from "../observe/log.ts";
import { Deferred, inBackground } from "../platform/both-halves/promises.ts";
import type { PluginTable } from "../plugin-table/plugin-table.ts";
import type { Connection } from "../rpc/connection.ts";
import { removePrivateDirectoriesNow } from "../workers/private-directory.ts";
import type { Audit } from "./audit.ts";

/** sysexits(3): an error occurred while doing I/O on some file. */
export const EX_IOERR = 74;

/** How long processes may take to end that were told to. */
const LAST_WAY_OUT_MS = 2000;
/** A timer takes no more. */
const LONGEST_MS = 2 ** 31 - 1;

/** SIGBREAK is Ctrl-Break of Windows. */
const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK"] as const;
const SIGNAL_STATUS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143, SIGBREAK: 149 };

/** Ends the server at once, with a status. */
export type Exit = (status: number) => void;

/** @param begin starts a server @returns the status to exit with, once everything is answered and every worker has ended */
export function untilExit(audit: Audit, begin: (exit: Exit) => void): Promise<number> {
  const ended = new Deferred<number>();
  begin((status) => {
    endDescendants(); // where it ends at once, nobody else does
    removePrivateDirectoriesNow();
    audit.end();
    ended.resolve(status);
  });
  return ended.promise;
}

const shuttingDown = () => new DlrpcError("SHUTTING_DOWN", "dlrpc ended before this was done");

/** What ends in order. */
interface Parts {
  readonly plugins: PluginTable;
  readonly connection: Connection;
  /** How long calls may go on after the end was asked for, in milliseconds. */
  readonly drainMs: number;
  readonly exit: Exit;
  /** The end was asked for: what waits for nothing but that is answered now. */
  readonly closes?: () => void;
  /** Resolves when all that was received has reached its plugin; default: it has. */
  readonly arrived?: () => Promise<unknown>;
}

export class LifeCycle {
  private readonly parts: Parts;
  /** Set from the moment when the end was asked for; resolves when all plugins have ended. */
  closing: Promise<void> | undefined;
  private isDown = false;
  private isEnding = false;

  constructor(parts: Parts) {
    this.parts = parts;
    for (const signal of STOP_SIGNALS) {
      process.on(signal, () => {
        if (this.isEnding) return parts.exit(SIGNAL_STATUS[signal]);
        log("info", `${signal}: calls may go on for ${parts.drainMs} ms`);
        inBackground(this.end(0));
      });
    }
  }

  /** Ends with the process that started this one, while `isParent` says that it is that. */
  endWithParent(isParent: () => boolean): void {
    whenProcessEnds(process.ppid, () => {
      if (isParent()) this.parentGone("the parent process");
    });
  }

  parentGone(who: string): void {
    log("info", `${who} has ended`);
    inBackground(this.end(0));
  }

  inputEnded(): void {
    log("info", `stdin has ended: calls may go on for ${this.parts.drainMs} ms`);
    inBackground(this.end(0));
  }

  outputClosed(): void {
    this.parts.exit(this.isDown ? 0 : EX_IOERR);
  }

  close(drainMs = this.parts.drainMs): Promise<void> {
    if (this.closing !== undefined) return this.closing;
    this.closing = this.closePlugins(drainMs);
    this.parts.closes?.();
    return this.closing;
  }

  private async closePlugins(drainMs: number): Promise<void> {
    const { plugins, arrived } = this.parts;
    let leftMs = drainMs;
    if (arrived !== undefined) {
      const begun = performance.now();
      await Promise.race([arrived(), elapse(drainMs)]);
      leftMs = Math.max(0, drainMs - (performance.now() - begun));
    }
    await plugins.close(leftMs);
    this.isDown = true;
  }

  /** Finishes what is there, lets the answers out (L5), and exits. */
  async end(status: number, drainMs = this.parts.drainMs): Promise<void> {
    if (this.isEnding) return;
    this.isEnding = true;
    const { exit, connection } = this.parts;
    const begun = performance.now();
    const most = drainMs + this.parts.drainMs + LAST_WAY_OUT_MS;
    setTimeout(() => exit(status), Math.min(most, LONGEST_MS)); // whatever is held up on the way
    await this.close(drainMs);
    const left = Math.max(0, drainMs - (performance.now() - begun));
    const late = setTimeout(() => connection.abandon(shuttingDown), left);
    await connection.idle();
    clearTimeout(late);
    const deadline = setTimeout(() => exit(status), this.parts.drainMs);
    await connection.flush();
    clearTimeout(deadline);
    exit(status);
  }
}
