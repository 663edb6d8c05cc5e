// What a running dlrpc holds (Linux: proc(5)), to be compared before and after something that must leave nothing behind.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { expect } from "vitest";
import { Host, type HostOptions } from "./host.ts";
import { childrenOf } from "./processes.ts";

export interface Holdings {
  handles: number;
  processes: number;
  threads: number;
  /** What its descriptors are open on, without numbers: `socket`, `/dev/null`. */
  descriptors: string[];
  /** The libraries of plugins in its memory. */
  libraries: number;
}

/** A host that has done everything once, so that nothing is yet to be opened for good. */
export async function settledHost(options: HostOptions = {}): Promise<Host> {
  const host = new Host(options);
  const handle = await host.load("counter");
  await host.result("plugin/unload", { handle });
  return host;
}

export async function holdingsOf(host: Host): Promise<Holdings> {
  const { plugins } = await host.result("plugin/list");
  const pid = host.child.pid as number;
  const inodes = mappedFiles(pid).match(/\d+(?= +\/memfd:plugin)/g);
  return {
    handles: plugins.length,
    processes: childrenOf(pid).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
    descriptors: openFiles(pid).sort(),
    libraries: new Set(inodes).size,
  };
}

/**
 * Waits until the program holds just what it held before: processes and threads take a moment to end, and the spare
 * that was used is replaced. Where that never happens, the failure says what is too much.
 */
export async function expectHoldings(host: Host, before: Holdings): Promise<void> {
  await expect.poll(() => holdingsOf(host), { interval: 10 }).toEqual(before);
}

/** The files in a process's memory, one a line; none where only root may look (dlrpc keeps others away from itself). */
export function mappedFiles(pid: number): string {
  return whereAllowed(() => readFileSync(`/proc/${pid}/maps`, "utf8"), "");
}

function openFiles(pid: number): string[] {
  const directory = `/proc/${pid}/fd`;
  return whereAllowed(() => readdirSync(directory), []).flatMap((name) => {
    try {
      return [readlinkSync(`${directory}/${name}`).replace(/:\[.*$/, "")];
    } catch {
      return []; // closed since the directory was read
    }
  });
}

function whereAllowed<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") return otherwise;
    throw error;
  }
}
