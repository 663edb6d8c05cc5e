// Owns what `dlrpc doctor` says of the sandbox: the layers that the kernel has, and what each profile is worth here.

import { readFileSync } from "node:fs";
import { availability, gaps } from "#sandbox/layers";
import { landlockVersion } from "../../carrier/linux/landlock.ts";
import { requireSeccomp } from "../../carrier/linux/seccomp.ts";
import { DEFAULT_MEMORY_MB, profiles } from "../../confinement/policy.ts";
import type { Report } from "../../confinement/report.ts";
import { bad, type Check, note, ok } from "../../sandbox/check.ts";
import { ENFORCEMENT_HINT, SUPERVISION_HINT } from "../../server/sandbox.ts";

const TRACING = "/proc/sys/kernel/yama/ptrace_scope";
/** From this on a process may not trace its own children (Yama). */
const NO_TRACING = 2;
/** One of them at 0 forbids them. */
const NAMESPACES = ["/proc/sys/user/max_user_namespaces", "/proc/sys/kernel/unprivileged_userns_clone"];

export function sandboxChecks(): Check[] {
  if (process.platform !== "linux") {
    return [
      bad("sandbox", `there is none on ${process.platform}, so far: plugins are not confined`, "Run dlrpc on Linux."),
    ];
  }
  const report = availability();
  return [
    kernel("Landlock", () => `version ${landlockVersion()}: ${landlockOf(report)}`),
    kernel("seccomp", () => {
      requireSeccomp();
      return "filters of system calls are there";
    }),
    supervision(report),
    namespaces(),
    ...profiles.flatMap((profile) => profileChecks(profile, report)),
  ];
}

function landlockOf({ layers }: Report): string {
  const own = layers.filter((layer) => layer.startsWith("landlock-"));
  return own.map((layer) => layer.slice("landlock-".length)).join(", ");
}

function kernel(topic: string, ask: () => string): Check {
  try {
    return ok(topic, ask());
  } catch (error) {
    return bad(topic, `it is not there (${error instanceof Error ? error.message : error})`, ENFORCEMENT_HINT);
  }
}

/** Whether it comes up is known with a plugin only: a load warns where it does not. */
function supervision({ layers, missing }: Report): Check {
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

function profileChecks(profile: (typeof profiles)[number], report: Report): Check[] {
  const topic = `profile ${profile}`;
  if (profile === "none") return [note(topic, "confines nothing, as its name says")];
  const asked = {
    profile,
    network: false,
    exec: false,
    gpu: false,
    read: [],
    write: [],
    memoryMb: DEFAULT_MEMORY_MB,
    require: false,
  };
  const found = gaps(asked, report);
  if (found.length === 0) return [ok(topic, "all of it is enforced")];
  return found.map(({ layer, unenforced, reason }) =>
    bad(topic, `does not enforce ${unenforced}: ${layer} is missing (${reason})`, ENFORCEMENT_HINT),
  );
}

/** @returns undefined where this system has no such setting */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if (["ENOENT", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
