// Saying what a call is refused for, and what would allow it (S21). It decides nothing: of each call it is asked
// about, the filter that would stand in its place says what comes of it, and the system carries out, or not, what passes.

import { dirname } from "node:path";
import type { Refusal } from "../../../../protocol/messages.ts";
import { isWithin } from "../../../base/paths.ts";
import { log } from "../../../observe/log.ts";
import type { Notification } from "../../../platform/linux/kernel/notifications.ts";
import { processOf } from "../../../platform/linux/processes/other-process.ts";
import { isWithheldDevice } from "../../../sandbox-policy/devices.ts";
import { gpuDevices } from "../../../sandbox-policy/gpu.ts";
import { isBroad } from "../../../sandbox-policy/needed-grants.ts";
import { verdictOf } from "../rules/bpf.ts";
import { type FilterOptions, supervisedFilter, systemCallFilter } from "../rules/filter.ts";
import { type FileRules, Right } from "../rules/landlock.ts";
import type { SystemCall } from "../rules/system-calls.ts";
import { type BytePath, Caller } from "./caller.ts";
import type { Need } from "./needs.ts";
import { changes, pathCalls } from "./path-calls.ts";
import { errnoOf } from "./refused.ts";

const EPERM = 1;
const EOPNOTSUPP = 95;

/** What comes of a call: an errno that it fails with; "ask" for what the supervisor does itself. */
export type Verdict = number | "ask" | "pass";

const reading = Right.readFile | Right.readDirectory;
const neverGranted = Right.makeCharacterDevice | Right.makeBlockDevice;

/** A grant, and what the filter is made of with it. */
interface Opening {
  readonly grant: Refusal["grant"];
  readonly options: Partial<FilterOptions>;
}

const network: Opening = { grant: { network: true }, options: { network: true } };
const gpu: Opening = { grant: { gpu: true }, options: { gpu: true } };
const exec: Opening = { grant: { exec: true }, options: { exec: true } };
const everything: Opening = { grant: { read: ["/"] }, options: { readsEverything: true } };

/** The grants that could open a call for which the filter itself has a rule. */
const openedBy: Readonly<Partial<Record<SystemCall, readonly Opening[]>>> = {
  socket: [network, gpu],
  ...{ clone: [exec], fork: [exec], vfork: [exec], execve: [exec], execveat: [exec] },
  ...{ inotify_init: [everything], inotify_init1: [everything], inotify_add_watch: [everything] },
};

export class Explainer {
  private readonly options: FilterOptions;
  private readonly rules: FileRules;
  private readonly filter: Uint32Array;

  /** @param options of the filter that would judge if nobody were asked */
  constructor(options: FilterOptions, rules: FileRules) {
    this.options = options;
    this.rules = rules;
    this.filter = wordsOf(systemCallFilter(options));
  }

  /** By the arguments in registers alone, which cannot change. */
  verdict({ data }: Notification): Verdict {
    const verdict = verdictOf(this.filter, data);
    return verdict === "pass" ? verdictOf(wordsOf(supervisedFilter()), data) : verdict;
  }

  /**
   * What is refused of a call, as far as that can be seen; true only if the caller is found to wait still.
   * @param verdict what comes of it; EPERM, where the supervisor has refused it
   */
  refusals(call: SystemCall, given: Notification, verdict: Verdict): Refusal[] {
    try {
      const asked = { caller: new Caller(given.thread), given };
      if (verdict === "pass") return this.explainNeeds(call, pathCalls[call]?.(asked) ?? [], given);
      if (verdict !== EPERM && verdict !== EOPNOTSUPP) return []; // is said to be missing, or that nobody listens
      const changed = changes[call]?.(asked);
      if (changed !== undefined) return this.explainNeeds(call, changed, given);
      return this.explainCall(call, given, pathCalls[call]?.(asked));
    } catch (error) {
      if (errnoOf(error) === undefined) log("error", `${call} of a plugin is not explained, as dlrpc failed: ${error}`);
      return [];
    }
  }

  private explainCall(call: SystemCall, given: Notification, needs: readonly Need[] | undefined): Refusal[] {
    // Without anything that it can be done to it would fail as well if it were let go on; ioctl(2) is not for devices only.
    if (needs?.length === 0 && call !== "ioctl") return [];
    const opening = openedBy[call]?.find(({ options }) => {
      const filter = systemCallFilter({ ...this.options, ...options });
      return verdictOf(wordsOf(filter), given.data) === "pass";
    });
    const [need] = needs ?? [];
    const subject = need === undefined ? subjectOf(call, given) : textOf(need.subject);
    return [{ call, subject, access: need?.access ?? null, grant: opening?.grant ?? null }];
  }

  private explainNeeds(call: SystemCall, needs: readonly Need[], given: Notification): Refusal[] {
    return needs.flatMap((need) => {
      const { place, rights, subject, access } = need;
      const missing = this.rules.missing(place, rights);
      if (missing !== 0)
        return [{ call, subject: textOf(subject), access, grant: this.grantFor(need, missing, given) }];
      // By rules on files it could be read; but that of another process is the system's to refuse.
      const isHidden = rights === Right.readFile && isPrivate(place) && !isOwn(place, given);
      return isHidden ? [{ call, subject: textOf(subject), access, grant: null }] : [];
    });
  }

  private grantFor(need: Need, missing: number, given: Notification): Refusal["grant"] {
    const { place, isDirectory } = need;
    if (gpuDevices().some((device) => isWithin(place, device))) return { gpu: true };
    if ((missing & (neverGranted | Right.controlDevice)) !== 0 || !isText(place)) return null;
    const isReading = (missing & ~(reading | Right.execute)) === 0;
    if (place.startsWith("/proc/") && !isReading) return null;
    if (/^\/proc\/\d/.test(place)) return isPrivate(place) && !isOwn(place, given) ? null : { read: ["/proc"] };
    if (isDirectory && isWithheldDevice(place)) return null; // all devices in it would come along
    const holder = isDirectory ? place : dirname(place);
    const granted = textOf(!isDirectory && isBroad(holder) ? place : holder);
    return isReading ? { read: [granted] } : { write: [granted] };
  }
}

function wordsOf(filter: Buffer): Uint32Array {
  return new Uint32Array(filter.buffer, filter.byteOffset, filter.length / Uint32Array.BYTES_PER_ELEMENT);
}

const families = ["AF_UNSPEC", "AF_UNIX", "AF_INET"];
const otherFamilies: Readonly<Record<number, string>> = { 10: "AF_INET6", 16: "AF_NETLINK", 17: "AF_PACKET" };
const kinds = ["", "SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_RDM", "SOCK_SEQPACKET"];
const SOCK_TYPE = 0xf;

function subjectOf(call: SystemCall, given: Notification): string {
  const [first, second] = [given.integer(0), given.integer(1)];
  switch (call) {
    case "socket":
    case "socketpair":
      return `${families[first] ?? otherFamilies[first] ?? `family ${first}`} ${kinds[second & SOCK_TYPE] ?? second}`;
    case "clone":
    case "fork":
    case "vfork":
      return "a new process";
    case "kill":
    case "tkill":
    case "tgkill":
    case "rt_sigqueueinfo":
    case "rt_tgsigqueueinfo":
    case "ptrace":
      return `process ${call === "ptrace" ? second : first}`;
    case "prctl":
      return `option ${first}`;
    case "fcntl":
    case "ioctl":
      return `request 0x${(second >>> 0).toString(16)}`;
    default:
      return "";
  }
}

/** What the system shows of a process only to who may trace it (proc(5)). */
function isPrivate(path: BytePath): boolean {
  return /^\/proc\/\d+\/(task\/\d+\/)?(auxv|cwd|environ|exe|fd|fdinfo|io|map_files|maps|mem|ns|numa_maps|pagemap|root|smaps|smaps_rollup|stack|syscall)(\/|$)/.test(
    path,
  );
}

function isOwn(path: BytePath, { thread }: Notification): boolean {
  return path.startsWith(`/proc/${processOf(thread)}/`);
}

/** Whether what JSON can say of a path is that path. */
function isText(path: BytePath): boolean {
  return Buffer.from(textOf(path)).toString("latin1") === path;
}

function textOf(path: BytePath): string {
  return Buffer.from(path, "latin1").toString("utf8");
}
