// How much memory a plugin's processes use (S5; proc(5)): what is theirs alone or shared, where it lies, swapped out
// or not, and the tables for it. Addresses that are merely reserved are none, nor are files that are mapped.

import { readFileSync, writeFileSync } from "node:fs";
import { withSpareDescriptor } from "../../ffi/spare-descriptor.ts";
import { hasOwnProc, NO_PROC } from "../../platform/linux/kernel/own-proc.ts";
import { haveSameMemory } from "../../platform/linux/processes/processes.ts";

const counted = /^(?:RssAnon|RssShmem|HugetlbPages|VmSwap|VmPTE):\s+(\d+) kB$/gm;
/** Of memory that several processes share, or that one has mapped more than once, each mapping has its part in these. */
const parts = /^(?:Pss_Anon|Pss_Shmem|SwapPss|Private_Hugetlb|Shared_Hugetlb):\s+(\d+) kB$/gm;
const mappable = /^RssShmem:\s+(\d+) kB$/gm;
const tables = /^VmPTE:\s+(\d+) kB$/gm;
const KIB = 1024;

/** Of 1000: as if half of all memory were its own besides (proc(5), oom_score_adj). */
const PREFERRED_BY = 500;

/**
 * A process that is not watched in time is to be the first that the system ends when memory runs out.
 * @throws Error where the system has no word on what a process uses, or does not take one on what it is worth
 */
export function makeWatchable(pid: number): void {
  if (!hasOwnProc()) throw new Error(NO_PROC);
  requireKnown(pid);
  writeFileSync(`/proc/${pid}/oom_score_adj`, String(PREFERRED_BY));
}

function requireKnown(pid: number): void {
  const path = `/proc/${pid}/status`;
  if (sum(readFileSync(path, "utf8"), counted) === 0) throw new Error(`${path} does not say how much memory is used`);
}

/**
 * Bytes that processes use together, not more than they do where it is more than `limit`: what is mapped twice is told
 * apart only then, as that takes a while. A process that has ended uses none.
 */
export function usedBytes(pids: readonly number[], limit: number): number {
  const statuses = pids.map((pid) => read(pid, "status"));
  const total = statuses.reduce((all, status) => all + sum(status, counted), 0);
  if (total <= limit) return total;
  const [sole = ""] = statuses;
  if (pids.length === 1 && total - sum(sole, mappable) > limit) return total; // no process has its own memory twice
  return pids.filter((pid) => !haveSameMemory(pid, parentOf(pid))).reduce((all, pid) => all + usedApart(pid), 0);
}

/** Without what others use, too. Not every process lets its mappings be looked at. */
function usedApart(pid: number): number {
  const apart = sum(read(pid, "smaps_rollup"), parts);
  const status = read(pid, "status");
  return apart === 0 ? sum(status, counted) : apart + sum(status, tables);
}

/** 0 where it has ended. */
export function threadsOf(pid: number): number {
  return Number(/^Threads:\s+(\d+)$/m.exec(read(pid, "status"))?.[1] ?? 0);
}

/** 0 where it has ended. */
function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(read(pid, "status"))?.[1] ?? 0);
}

/** Empty where the process has ended, or keeps that to itself. */
function read(pid: number, file: string): string {
  try {
    return withSpareDescriptor(() => readFileSync(`/proc/${pid}/${file}`, "utf8"));
  } catch {
    return "";
  }
}

function sum(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((all, [, kilobytes]) => all + Number(kilobytes) * KIB, 0);
}
