// Numbers and places of macOS that stand in TypeScript are those of its headers, on both processors.

import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { Resource } from "../../src/platform/posix/limits.ts";
import { Kevent } from "../../src/platform/posix/process-end.ts";
import { groupMembers, Libproc, processMemory, threadsOf } from "../../src/platform/posix/process-memory.ts";
import { compiling, lacksHeaders, type MacosArch, macosCompiler } from "./headers.ts";

/** By how C says it. */
const numbers: Readonly<Record<string, number>> = {
  "sizeof(struct kevent)": Kevent.bytes,
  "offsetof(struct kevent, ident)": Kevent.identOffset,
  "offsetof(struct kevent, filter)": Kevent.filterOffset,
  "offsetof(struct kevent, flags)": Kevent.flagsOffset,
  "offsetof(struct kevent, fflags)": Kevent.noteOffset,
  "sizeof((struct kevent){0}.ident)": 8,
  EVFILT_PROC: Kevent.EVFILT_PROC,
  EV_ADD: Kevent.EV_ADD,
  EV_ONESHOT: Kevent.EV_ONESHOT,
  NOTE_EXIT: Kevent.NOTE_EXIT,
  RUSAGE_INFO_V0: Libproc.RUSAGE_INFO_V0,
  "sizeof(struct rusage_info_v0)": Libproc.rusageBytes,
  "offsetof(struct rusage_info_v0, ri_resident_size)": Libproc.residentOffset,
  "offsetof(struct rusage_info_v0, ri_phys_footprint)": Libproc.footprintOffset,
  PROC_PIDTASKINFO: Libproc.PROC_PIDTASKINFO,
  "sizeof(struct proc_taskinfo)": Libproc.taskInfoBytes,
  "offsetof(struct proc_taskinfo, pti_threadnum)": Libproc.threadsOffset,
  PROC_PGRP_ONLY: Libproc.PROC_PGRP_ONLY,
  RLIMIT_FSIZE: Resource.fileSize,
  RLIMIT_CORE: Resource.core,
  RLIMIT_NPROC: Resource.processes,
  RLIMIT_NOFILE: Resource.descriptors,
  "sizeof(struct rlimit)": 16,
  "offsetof(struct rlimit, rlim_max)": 8,
  // Of src/platform/posix/shared-memory.ts, which has the same on Linux.
  "PROT_READ | PROT_WRITE": 3,
  MAP_SHARED: 1,
  "sizeof(off_t)": 8,
};

const headers = ["libproc.h", "stddef.h", "sys/event.h", "sys/mman.h", "sys/proc_info.h", "sys/resource.h"];

function check(arch: MacosArch, claims: Readonly<Record<string, number>>): void {
  const lines = [
    ...headers.map((name) => `#include <${name}>`),
    ...Object.entries(claims).map(([text, value]) => `_Static_assert((${text}) == ${value}, "");`),
  ];
  const [command = "", ...first] = macosCompiler(arch).split(" ");
  const options = [...first, "-std=c11", "-fsyntax-only", ...compiling(arch)];
  execFileSync(command, [...options, "-x", "c", "-"], { input: lines.join("\n"), stdio: ["pipe", "pipe", "pipe"] });
}

test.skipIf(lacks("clang") || lacksHeaders()).each(["arm64", "x64"] as const)("%s", (arch) => {
  check(arch, numbers);
  expect(() => check(arch, { EVFILT_PROC: Kevent.EVFILT_PROC - 1 })).toThrow("static_assert failed");
});

test("where the system has no such call it says so", () => {
  for (const ask of [processMemory, threadsOf, groupMembers])
    expect(() => ask(process.pid)).toThrow("not in the C library of this system");
});
