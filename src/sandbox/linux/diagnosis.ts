// What `dlrpc doctor` says of Linux: what programs may be run from, and the layers that the kernel has.

import { constants, existsSync, readFileSync } from "node:fs";
import { mayAccess } from "../../base/access.ts";
import { messageOf, tolerating } from "../../base/failures.ts";
import { placesToRunFrom } from "../../platform/linux/files/nameless-file.ts";
import { runnableMemoryFile } from "../../platform/linux/kernel/descriptors.ts";
import { landlockVersion } from "../../platform/linux/kernel/landlock.ts";
import { hasOwnProc, NO_PROC } from "../../platform/linux/kernel/own-proc.ts";
import { requireSeccomp } from "../../platform/linux/kernel/seccomp.ts";
import { gpuDevices } from "../../sandbox-policy/gpu.ts";
import type { ConfinementReport } from "../../sandbox-policy/report.ts";
import { bad, type Check, note, ok } from "../doctor-check.ts";
import { ENFORCEMENT_HINT, SUPERVISION_HINT } from "./layers.ts";

const TRACING = "/proc/sys/kernel/yama/ptrace_scope";
/** From this on a process may not trace its own children (Yama). */
const NO_TRACING = 2;
/** One of them at 0 forbids them. */
const NAMESPACES = ["/proc/sys/user/max_user_namespaces", "/proc/sys/kernel/unprivileged_userns_clone"];

/** What dlrpc needs of the system, and has of it. */
export function diagnosis(report: ConfinementReport): Check[] {
  return [
    memory(),
    ...places(),
    proc(),
    kernel("Landlock", () => `version ${landlockVersion()}: ${landlockOf(report)}`),
    kernel("seccomp", () => {
      requireSeccomp();
      return "filters of system calls are there";
    }),
    supervision(report),
    namespaces(),
    gpu(),
  ];
}

function landlockOf({ layers }: ConfinementReport): string {
  const own = layers.filter((layer) => layer.startsWith("landlock-"));
  return own.map((layer) => layer.slice("landlock-".length)).join(", ");
}

function kernel(topic: string, ask: () => string): Check {
  try {
    return ok(topic, ask());
  } catch (error) {
    return bad(topic, `it is not there (${messageOf(error)})`, ENFORCEMENT_HINT);
  }
}

/** Whether it comes up is known with a plugin only: a load warns where it does not. */
function supervision({ layers, missing }: ConfinementReport): Check {
  const topic = "supervision";
  if (!layers.includes("supervision")) {
    const why = missing.supervision ?? "Landlock is missing";
    return note(topic, `plugins cannot change modes and times of files (${why})`, SUPERVISION_HINT);
  }
  if (Number(read(TRACING) ?? 0) >= NO_TRACING) {
    return note(
      topic,
      `plugins cannot change modes and times of files: ${TRACING} is ${read(TRACING)}`,
      SUPERVISION_HINT,
    );
  }
  return ok(topic, "modes and times of files are judged call by call");
}

function namespaces(): Check {
  const forbidding = NAMESPACES.find((path) => read(path) === "0");
  const found = forbidding === undefined ? "allowed" : `forbidden by ${forbidding}`;
  return note("user namespaces", `${found}; dlrpc needs none`);
}

/** @returns undefined where this system has no such setting */
function read(path: string): string | undefined {
  return tolerating(["ENOENT", "EACCES"], () => readFileSync(path, "utf8").trim());
}

function memory(): Check {
  try {
    runnableMemoryFile("dlrpc-doctor"); // until this process ends
    return ok("memory files", "programs are run from memory, whatever directories allow");
  } catch (error) {
    const found = `programs in memory are not to be run (${messageOf(error)})`;
    return note(
      "memory files",
      found,
      "They are run from a directory: see the next lines. vm.memfd_noexec may allow it.",
    );
  }
}

/** Of the directories for files that are run one is enough. */
function places(): Check[] {
  const found = placesToRunFrom();
  const usable = found.flatMap(([directory, refusal]) => (refusal === undefined ? [directory] : []));
  const refused = found.flatMap(([directory, refusal]) => (refusal === undefined ? [] : [`${directory}: ${refusal}`]));
  const remedy = "Set TMPDIR to a directory where files may be written and run.";
  return [
    usable.length > 0
      ? ok("directories", `files may be run from ${usable.join(", ")}`)
      : bad("directories", "files may be run from none of those that are tried", remedy),
    ...refused.map((text) => note("directories", text)),
  ];
}

function proc(): Check {
  if (hasOwnProc()) return ok("/proc", "it is of this PID namespace");
  return bad("/proc", NO_PROC, "Mount the /proc of this PID namespace: mount -t proc proc /proc");
}

function gpu(): Check {
  const there = gpuDevices().filter((path) => existsSync(path));
  if (there.length === 0) return note("graphics cards", "there is no device of one");
  const closed = there.filter((path) => !mayAccess(path, constants.R_OK));
  if (closed.length === 0) return ok("graphics cards", there.join(", "));
  return note(
    "graphics cards",
    `${closed.join(", ")} may not be used by this user`,
    "Let the user be of their group: ls -l /dev/dri",
  );
}
