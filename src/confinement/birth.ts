// Owns how a process comes to be confined. Landlock binds the thread that asks for it, and a running Node has threads, and
// libuv perhaps a ring of io_uring, before its first line of JavaScript runs. So a process confines itself, and then
// becomes the program that is to be confined, which so is from its first instruction.
//
// The other way, a thread of the broker that confines itself and starts the worker, was measured (medians, one run): ready
// after 59 ms, by this one after 55, unconfined after 25. Each worker has files of its own, so each would need a thread of
// its own, and one that outlives it (PR_SET_PDEATHSIG): 11 MiB each.

import { keepAcrossExec } from "../native/descriptors.ts";
import { becomeProgram, dropCapabilities, forbidNewPrivileges } from "../native/privileges.ts";
import type { Born } from "./born.ts";
import { fileAccess, type PrivatePaths } from "./files.ts";
import { forbidRings, systemCallFilter } from "./filter.ts";
import { confineByLandlock } from "./landlock.ts";
import { landlockNames } from "./layers.ts";
import type { Confinement } from "./policy.ts";
import { Reporter } from "./report.ts";

/** Puts the calling thread under all layers that a new program keeps, and prepares what it can only put on itself. */
export function confineBeforeBirth(confinement: Confinement, own: PrivatePaths | undefined): Born {
  const { network, exec } = confinement;
  const report = new Reporter();
  report.try("no-new-privileges", forbidNewPrivileges);
  report.try("no-capabilities", dropCapabilities);
  report.tryAll(landlockNames, () => confineByLandlock(fileAccess(confinement, own), !network));
  let filter: string | undefined;
  report.tryAll(["seccomp"], () => {
    forbidRings();
    const has = (layer: "landlock-scope" | "landlock-truncate") => report.layers.includes(layer);
    const options = {
      pid: process.pid,
      signalsAreScoped: has("landlock-scope"),
      truncationIsRuled: has("landlock-truncate"),
    };
    filter = systemCallFilter({ network, exec, ...options }).toString("base64");
    return []; // not in effect yet
  });
  return { report, filter };
}

/** Becomes the program. @param descriptors stay open */
export function beBorn(file: string, args: readonly string[], descriptors: readonly number[]): never {
  for (const descriptor of descriptors) keepAcrossExec(descriptor);
  return becomeProgram(file, args, process.env);
}
