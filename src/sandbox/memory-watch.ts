// The bound on memory that is used, of which no limit of the system's is one without privileges (S5): it is looked at
// while calls run, and the sooner again the less is left.

import { MOST_MEMORY_MB } from "../../protocol/sandbox.ts";
import type { Explanation } from "../sandbox-policy/explanation.ts";
import type { ConfinedProcess } from "./confined-process.ts";

export const MIB = 1024 * 1024;
/** As fast as a processor or two can make memory out of addresses. */
const BYTES_PER_MS = 8 * MIB;
const SOONEST_MS = 1;
const LATEST_MS = 50;
/** To look at many processes takes a while; at most this part of the time is spent on it. */
const SHARE_OF_TIME = 1 / 10;

/** What the system says of processes. One that has ended uses nothing. */
export interface MemoryUse {
  /** The process and what it has started. */
  familyOf(pid: number): number[];
  /** What they use together, not more than they do where it is more than `limit`. */
  usedBytes(pids: readonly number[], limit: number): number;
  threadsOf(pid: number): number;
}

export class MemoryWatch {
  /** How many threads the process has where the plugin has none of its own. */
  servingThreads = 1;
  private readonly memoryMb: number;
  private readonly watched: ConfinedProcess;
  /** Whether there may be processes of its own. */
  private readonly family: { readonly mayStartOthers: boolean };
  private readonly use: MemoryUse;
  private readonly explanation: Explanation | undefined;
  private unused: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    memoryMb: number,
    watched: ConfinedProcess,
    family: { readonly mayStartOthers: boolean },
    use: MemoryUse,
    explanation?: Explanation,
  ) {
    this.family = family;
    this.explanation = explanation;
    this.memoryMb = memoryMb;
    this.unused = memoryMb * MIB;
    this.watched = watched;
    this.use = use;
  }

  /** Looks again and again from now on, until no code of the plugin can run. */
  begin(): void {
    this.timer ??= this.lookIn(0);
  }

  /** Looks until the process ends, which it is about to. */
  beginLast(): void {
    this.servingThreads = 0;
    this.begin();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private lookIn(leastMs: number): NodeJS.Timeout {
    this.watched.temporary?.begin();
    const ms = Math.max(leastMs, SOONEST_MS, Math.min(this.unused / BYTES_PER_MS, LATEST_MS));
    return setTimeout(() => this.look(), ms).unref();
  }

  private look(): void {
    const begun = performance.now();
    const { memoryMb, watched, use } = this;
    const { pid } = watched;
    const processes = this.family.mayStartOthers ? use.familyOf(pid) : [pid];
    const used = use.usedBytes(processes, memoryMb * MIB);
    this.timer = undefined;
    this.unused = memoryMb * MIB - used;
    if (this.unused < 0) {
      const usedMb = Math.ceil(used / MIB);
      const grant = memoryMb * 2 <= MOST_MEMORY_MB ? { memoryMb: memoryMb * 2 } : null;
      this.explanation?.add({ call: "memory", subject: `more than ${memoryMb} MiB`, access: null, grant });
      const hint = "Ask for more with sandbox.memoryMb, or have the plugin use less.";
      watched.kill(`it used ${usedMb} MiB of memory, ${memoryMb} are allowed`, {
        reason: "memory",
        memoryMb,
        usedMb,
        hint,
      });
    } else if (watched.listener.isBusy() || processes.length > 1 || use.threadsOf(pid) > this.servingThreads) {
      this.timer = this.lookIn((performance.now() - begun) / SHARE_OF_TIME);
    }
  }
}
