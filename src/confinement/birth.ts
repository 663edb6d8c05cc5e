// Owns how a process comes to be confined. Landlock binds the thread that asks for it, and a running Node has threads, and
// libuv perhaps a ring of io_uring, before its first line of JavaScript runs. So a process confines itself, and then
// becomes the program that is to be confined, which so is from its first instruction.
//
// The other way, a thread of the broker that confines itself and starts the worker, was measured (medians, one run): ready
// after 59 ms, by this one after 55, unconfined after 25. Each worker has files of its own, so each would need a thread of
// its own, and one that outlives it (PR_SET_PDEATHSIG): 11 MiB each.

import { keepAcrossExec } from "../native/descriptors.ts";
import { becomeProgram, dropCapabilities, forbidNewPrivileges } from "../native/privileges.ts";
import { type FileAccess, fileAccess, type PrivatePaths } from "./files.ts";
import { confineBySeccomp, forbidRings } from "./filter.ts";
import { confineByLandlock } from "./landlock.ts";
import { landlockNames, type Report, Reporter } from "./layers.ts";
import type { Confinement } from "./policy.ts";

/** Puts the calling thread under all layers that a new program keeps. */
export function confineBeforeBirth(confinement: Confinement, own: PrivatePaths | undefined): Report {
  const reporter = new Reporter();
  const access: FileAccess = fileAccess(confinement, own);
  reporter.try("no-new-privileges", forbidNewPrivileges);
  reporter.try("no-capabilities", dropCapabilities);
  reporter.tryAll(landlockNames, () => confineByLandlock(access, !confinement.network));
  // Whether it works is asked again after birth, where the filter is that counts.
  new Reporter().try("seccomp", forbidRings);
  return reporter;
}

/** Becomes the program. @param descriptors stay open */
export function beBorn(file: string, args: readonly string[], descriptors: readonly number[]): never {
  for (const descriptor of descriptors) keepAcrossExec(descriptor);
  return becomeProgram(file, args, process.env);
}

/** Puts all threads under what would have kept the process from being born, before any code of a plugin runs. */
export function confineAfterBirth({ network, exec }: Confinement, sofar: Report): Report {
  const reporter = new Reporter(sofar);
  reporter.try("seccomp", () =>
    confineBySeccomp({
      network,
      exec,
      pid: process.pid,
      signalsAreScoped: sofar.layers.includes("landlock-scope"),
      truncationIsRuled: sofar.layers.includes("landlock-truncate"),
    }),
  );
  return reporter;
}
