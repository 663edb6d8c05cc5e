// Owns the bound on what a plugin has in its private directory, for which the system has no quota without privileges (S8):
// it is looked at while its code may run, and once afterwards. Where it is empty that costs next to nothing.

import { measure } from "#platform/files/measurement";
import type { ErrorDetails } from "../../protocol/errors.ts";
import { log } from "../observe/log.ts";
import type { Contents } from "../platform/both-halves/files/contents.ts";
import { inBackground } from "../platform/both-halves/promises.ts";

const MIB = 1024 * 1024;
const MOST: Contents = { entries: 100_000, bytes: 4096 * MIB, levels: 1000 };
const SOONEST_MS = 1000;
/** At most this part of the time is spent on one. */
const SHARE_OF_TIME = 1 / 10;

interface Watched {
  kill(cause: string, details: ErrorDetails): void;
}

export class TemporaryWatch {
  private readonly path: string;
  private readonly watched: Watched;
  private pauseMs = SOONEST_MS;
  private timer: NodeJS.Timeout | undefined;
  /** Whether there may be more by now than was found. */
  private hasRun = false;
  private hasStopped = false;

  constructor(path: string, watched: Watched) {
    this.path = path;
    this.watched = watched;
  }

  /** Code of the plugin may run now: looks in a while. */
  begin(): void {
    this.hasRun = true;
    this.timer ??= setTimeout(() => inBackground(this.look()), this.pauseMs).unref();
  }

  /** Its process has ended. */
  stop(): void {
    this.hasStopped = true;
    clearTimeout(this.timer);
  }

  private async look(): Promise<void> {
    const begun = performance.now();
    this.hasRun = false;
    try {
      const found = await measure(this.path, MOST);
      if (!this.hasStopped) this.judge(found);
    } catch (error) {
      if (!this.hasStopped) log("info", `what a plugin has in ${this.path} cannot be measured now: ${error}`);
    }
    this.pauseMs = Math.max(SOONEST_MS, (performance.now() - begun) / SHARE_OF_TIME);
    this.timer = undefined;
    if (this.hasRun && !this.hasStopped) this.begin();
  }

  private judge({ entries, bytes, levels }: Contents): void {
    if (entries > MOST.entries) this.end("entries", entries, MOST.entries, "files and directories");
    else if (bytes > MOST.bytes) this.end("mebibytes", Math.ceil(bytes / MIB), MOST.bytes / MIB, "MiB");
    else if (levels > MOST.levels) this.end("levels", levels, MOST.levels, "directories in one another");
  }

  private end(resource: string, actual: number, limit: number, unit: string): void {
    this.watched.kill(`it had ${actual} ${unit} in its TMPDIR, ${limit} are allowed`, {
      reason: "temporary-files",
      resource,
      actual,
      limit,
      hint: "Have the plugin remove there what it needs no more, or keep it in the workspace.",
    });
  }
}
