// What `dlrpc doctor` says of the sandbox: what of it this system has, and what each profile is worth here.

import { diagnosis } from "#sandbox/diagnosis";
import { availability, ENFORCEMENT_HINT, gaps } from "#sandbox/layers";
import { bad, type Check, note, ok } from "../../../sandbox/doctor-check.ts";
import { DEFAULT_MEMORY_MB, profiles } from "../../../sandbox-policy/policy.ts";
import type { ConfinementReport } from "../../../sandbox-policy/report.ts";

export function sandboxChecks(): Check[] {
  const report = availability();
  return [...diagnosis(report), ...profiles.flatMap((profile) => profileChecks(profile, report))];
}

function profileChecks(profile: (typeof profiles)[number], report: ConfinementReport): Check[] {
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
