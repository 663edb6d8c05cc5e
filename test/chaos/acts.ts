// What a member of the cast can be made to do in a round: a few requests in a row, of which one does harm.

import type { HostileVariant } from "../../fixtures/hostile.ts";
import { CONTROL_BLOCK_CALLS, FrameKind } from "../../native/frames/frames.ts";
import { type Behaviour, corpus, loadFailures } from "../containment/corpus.ts";
import type { Random } from "../fuzz/random.ts";
import { forged } from "../support/forged-frames.ts";
import { plugin } from "../support/paths.ts";
import type { Planned } from "./requests.ts";

export const unconfined = { sandbox: { profile: "none" } };

/** What comes of an act, beside its answer. */
export interface Act {
  readonly request: Planned;
  /** How the process ends because of it, where it does for certain and nobody asked for it. */
  readonly end: Behaviour["end"];
  readonly isLater: boolean;
  /** Whether the process goes on and is not what it was. */
  readonly taints: boolean;
  /** Whether the calls behind it may be harmed. */
  readonly harmsOthers: boolean;
}

/** Behaviours that cost much, or keep a processor busy: rarer than the others. */
const costly = /^flood|^answer_(huge|deep|changing)|^leave_threads|^limit_processor/;
const tainting: readonly string[] = ["state", "output", "leftovers", "attacks on the channel", "abuses of the table"];
/** Of calls that may run: the first ones of a process, and others. */
const numbers = [
  0,
  1,
  CONTROL_BLOCK_CALLS,
  ...[1, 2, 3, 4].map((generation) => (generation + 1) * CONTROL_BLOCK_CALLS - 1),
];
const forgable = [...Object.values(FrameKind), 0, 4_294_967_295];

/** A part of a frame makes a part of what follows: nothing comes until the deadline. */
const FORGER_DEADLINE_MS = 1000;
/** What a plugin can bring about for calls of its own by speaking for its process. */
export const ownHarm: readonly string[] = ["result", "INVALID_RESULT", "PLUGIN_CRASHED", "PLUGIN_TIMEOUT"];

/** Before such a process is ended it may have begun the next call, which was sent ahead. */
const speaks = (theme: string, does: string) =>
  theme === "attacks on the channel" || ["print_everywhere", "write_junk"].includes(does);

/** Of so many calls that do no harm one is large. */
const LARGE_OF = 6;
let lastToken = 0;

/** A call that does no harm, and whose result no other call has. */
export function goodCall(handle: string, answers: readonly string[] = ["result"]): Planned {
  const token = ++lastToken;
  const text = token % LARGE_OF === 0 ? `${token} `.repeat(5000 * (1 + (token % 7))) : "";
  const input = { do: "answer_input", success: true, output: { token, text }, files: [] };
  return {
    method: "plugin/execute",
    params: { handle, input, ...(answers.includes("PLUGIN_TIMEOUT") && { timeoutMs: FORGER_DEADLINE_MS }) },
    answers,
    check({ result }) {
      if (result === undefined || answers.includes("INVALID_RESULT")) return;
      if (result.output.token !== token || result.output.text !== text)
        throw new Error(`the token ${token} was expected, and its text`);
    },
  };
}

/** The same, in a process in which others run: what they do to it may keep this one from ending, too. */
export function besideOthers(request: Planned): Planned {
  const params = request.isCancelled ? request.params : { timeoutMs: FORGER_DEADLINE_MS, ...request.params };
  return { ...request, params, answers: [...request.answers, ...ownHarm], check() {} };
}

/** A call that does harm, of a behaviour that needs no other variant. */
export function hostileCall(
  { handle, variant: own }: { handle: string; variant: HostileVariant },
  random: Random,
): Act {
  if (random.chance(8)) return cancelledCall(handle, random);
  if (random.chance(8)) return forgingCall(handle, random);
  for (;;) {
    const theme = random.pick(Object.keys(corpus));
    const behaviour = random.pick(corpus[theme] ?? []);
    const { does, input, variant, timeoutMs, answers, data = {}, end, isLater = false } = behaviour;
    if ((variant !== undefined && variant !== own) || (costly.test(does) && !random.chance(10))) continue;
    const request: Planned = {
      method: "plugin/execute",
      params: { handle, input: { do: does, ...input }, ...(timeoutMs !== undefined && { timeoutMs }) },
      answers,
      check({ error }) {
        for (const name of ["signal", "exitCode", "timeoutMs", "operation"]) {
          const expected = data[name];
          if (error === undefined || expected === undefined || error.data[name] === expected) continue;
          throw new Error(`${name} ${expected} was expected`);
        }
      },
    };
    const taints = end === undefined && (tainting.includes(theme) || does === "answer_changing");
    return { request, end, isLater, taints, harmsOthers: does === "limit_memory" || speaks(theme, does) };
  }
}

/** A call that is cancelled, be it while it waits or while it runs. */
function cancelledCall(handle: string, random: Random): Act {
  const input = { do: random.pick(["hang", "spin", "stop", "hang_blocking_signals"]) };
  const request = {
    method: "plugin/execute",
    params: { handle, input },
    answers: ["REQUEST_CANCELLED"],
    isCancelled: true,
  };
  return { request, end: undefined, isLater: false, taints: false, harmsOthers: false };
}

/** A call that writes frames of every kind for any call of its handle. */
function forgingCall(handle: string, random: Random): Act {
  const frames = Array.from({ length: 1 + random.below(3) }, () => {
    const payload = random.pick(["", "{}", '{"success":true,"output":{},"files":[]}', "\xff\xfe"]);
    return forged(random.pick(forgable), random.pick(numbers), Buffer.from(payload, "latin1"));
  });
  const bytes = Buffer.concat(frames);
  const cut = random.chance(3) ? bytes.subarray(0, random.below(bytes.length)) : bytes;
  const input = { do: "write_bytes", bytes: cut.toString("hex") };
  const request = {
    method: "plugin/execute",
    params: { handle, input, timeoutMs: FORGER_DEADLINE_MS },
    answers: ownHarm,
  };
  return { request, end: undefined, isLater: false, taints: true, harmsOthers: true };
}

/** A load that fails. */
export function failingLoad(random: Random): Planned {
  const { name, data, timeoutMs } = random.pick(loadFailures);
  const params = { path: plugin(name), ...unconfined, ...(timeoutMs !== undefined && { timeoutMs }) };
  return { method: "plugin/load", params, answers: [data.kind] };
}
