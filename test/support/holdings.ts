// What a running dlrpc holds (Linux: proc(5)), to be compared before and after something that must leave nothing behind.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { expect, vi } from "vitest";
import { Host, type HostOptions } from "./host.ts";
import { childrenOf } from "./processes.ts";

export interface Holdings {
  handles: number;
  processes: number;
  threads: number;
  /** What its descriptors are open on, without numbers: `socket`, `/dev/null`. */
  descriptors: string[];
}

/** A host that has done everything once, so that nothing is yet to be opened for good. */
export async function settledHost(options: HostOptions = {}): Promise<Host> {
  const host = new Host(options);
  const handle = await host.load("counter");
  await host.result("plugin/unload", { handle });
  await host.error("plugin/load", { name: "of-nobody" }); // looks through the trusted directories
  const isQuiet = () => expect(childrenOf(host.child.pid as number)).toEqual([]); // nothing is to be ended or removed
  await vi.waitFor(isQuiet, { timeout: 40_000 });
  return host;
}

export async function holdingsOf(host: Host): Promise<Holdings> {
  const { plugins } = await host.result("plugin/list");
  const pid = host.child.pid as number;
  return {
    handles: plugins.length,
    processes: childrenOf(pid).length,
    threads: threadsOf(pid),
    // Without its private directory, and those of programs that were killed, which it removes some time after its start.
    descriptors: openFiles(pid)
      .filter((path) => !isPrivateDirectory(path))
      .sort(),
  };
}

/**
 * Waits until the program holds just what it held before: processes and threads take a moment to end, and directories to
 * be removed. Where that never happens, the failure says what is too much.
 */
export async function expectHoldings(host: Host, before: Holdings): Promise<void> {
  const now = async () => {
    const holdings = await holdingsOf(host);
    const expected = 2 * holdings.handles; // that of the worker, and that of the code that it loads
    const strayDirectories = (privateDirectories(host.child.pid as number) ?? expected) - expected;
    return { ...holdings, strayDirectories };
  };
  await expect.poll(now, { interval: 10 }).toEqual({ ...before, strayDirectories: 0 });
}

/** But for those of libuv's pool: there are four from when it is first needed. */
function threadsOf(pid: number): number {
  const isOfPool = (thread: string) => {
    try {
      return readFileSync(`/proc/${pid}/task/${thread}/comm`, "utf8") === "libuv-worker\n";
    } catch {
      return true; // it has just ended
    }
  };
  return readdirSync(`/proc/${pid}/task`).filter((thread) => !isOfPool(thread)).length;
}

const isPrivateDirectory = (path: string) => basename(path).startsWith("dlrpc-private-");

/** How many a program has; undefined where only root may look. */
function privateDirectories(pid: number): number | undefined {
  const own = openFiles(pid).find(isPrivateDirectory);
  return own === undefined ? undefined : readdirSync(own).length;
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
