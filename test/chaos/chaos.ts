// Rounds of chaos in one dlrpc: some plugins misbehave, the others are called as if nothing were; then the books must
// balance. All that happens in a round follows from its seed.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../fuzz/random.ts";
import { answered } from "../support/calls.ts";
import { Host } from "../support/host.ts";
import { fixturesDirectory } from "../support/paths.ts";
import { type Act, besideOthers, failingLoad, goodCall, hostileCall, ownHarm, unconfined } from "./acts.ts";
import { onlyOwnFilesAreLeft, onlyWorkersAreLeft, type Sample, sample } from "./holdings.ts";
import { type Planned, settle, unanswered } from "./requests.ts";

/** The plugins that are loaded at any time; the last one serves several calls at once. */
const VARIANTS = ["hostile", "hostile", "hostile-table", "hostile-thread-safe"] as const;
/** Of these crashes within a minute a handle survives (E6). */
const MOST_CRASHES = 2;
/** Until then everything has happened once that is allocated for good. */
const WARM_UP_ROUNDS = 100;
const MAY_GROW_MIB = 64;
/** A round takes about a second; one that takes this long hangs. */
const HANG_MS = 60_000;

/** A loaded plugin, and what it has been through. */
interface Member {
  readonly variant: (typeof VARIANTS)[number];
  handle: string;
  crashes: number;
  isTainted: boolean;
}

export class Chaos implements AsyncDisposable {
  private readonly host: Host;
  private readonly temporary: string;
  private readonly seed: number;
  private readonly members: Member[] = [];
  private plan: readonly Planned[] = [];
  private rounds = 0;
  private behaviours = 0;
  private calls = 0;
  /** After each round, in MiB. */
  private readonly memory: number[] = [];
  private first: Sample | undefined;
  private last: Sample | undefined;

  private constructor(host: Host, temporary: string, seed: number) {
    this.host = host;
    this.temporary = temporary;
    this.seed = seed;
  }

  static async begin(seed: number): Promise<Chaos> {
    const temporary = mkdtempSync(join(tmpdir(), "dlrpc-chaos-"));
    // Where there is room, the engine lets waste lie for long, which would hide a leak.
    const env = { TMPDIR: temporary, NODE_OPTIONS: "--max-semi-space-size=2 --max-old-space-size=80" };
    const host = new Host({ args: ["--concurrency=3", "--log-level=error"], env });
    await host.result("initialize", { notifications: ["exited"] });
    const chaos = new Chaos(host, temporary, seed);
    for (const variant of VARIANTS) chaos.members.push(await chaos.load(variant));
    return chaos;
  }

  /** @throws Error saying what was wrong, and how to see it again */
  async round(): Promise<void> {
    const seed = this.seed + this.rounds++;
    let limit: NodeJS.Timeout | undefined;
    const hang = new Promise<never>((_, reject) => {
      limit = setTimeout(
        () => reject(new Error(`nothing came for ${HANG_MS} ms; ${unanswered(this.host, this.plan)}`)),
        HANG_MS,
      );
    });
    try {
      await Promise.race([this.play(new Random(seed)), hang]);
      if (this.host.stderr !== "") throw new Error(`dlrpc said: ${this.host.stderr}`);
    } catch (error) {
      const what = error instanceof Error ? (error.stack ?? error.message) : error;
      const again = `npm run chaos -- --rounds 1 --seed ${seed}`;
      throw new Error(`chaos failed in round ${this.rounds} of seed ${this.seed} (${again}): ${what}`, {
        cause: error,
      });
    } finally {
      clearTimeout(limit);
    }
  }

  /** Ends dlrpc in order. @throws Error where that fails, or it holds more than in the beginning */
  async end(): Promise<void> {
    const { first, last, memory } = this;
    const end = await this.host.finish();
    if (end.status !== 0) throw new Error(`dlrpc ended with ${JSON.stringify(end)}: ${this.host.stderr}`);
    if (first === undefined || last === undefined) return;
    if (last.descriptors > first.descriptors || last.threads > first.threads) {
      throw new Error(`descriptors or threads grew: ${this.report()}`);
    }
    // What a large message took is there for a while: so what counts is the most at first, and the least of late.
    const [before, after] = [Math.max(...memory.slice(0, WARM_UP_ROUNDS)), Math.min(...memory.slice(-WARM_UP_ROUNDS))];
    if (after > before + MAY_GROW_MIB) throw new Error(`memory grew from ${before} to ${after} MiB`);
  }

  report(): string {
    const { calls, behaviours, first, last } = this;
    return JSON.stringify({ calls, behaviours, first, last });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host[Symbol.asyncDispose]();
    rmSync(this.temporary, { recursive: true });
  }

  private async play(random: Random): Promise<void> {
    const { host } = this;
    host.messages.length = 0;
    const victims = shuffled(this.members, random).slice(0, 1 + random.below(2));
    const scripts = this.members.map((member) =>
      victims.includes(member) ? this.victimScript(member, random) : goodScript(member, random),
    );
    if (random.chance(5)) scripts.push({ requests: [failingLoad(random)], acts: [] });
    if (random.chance(5))
      scripts.push({ requests: [{ method: "plugin/list", params: {}, answers: ["result"] }], acts: [] });

    const requests = interleaved(
      scripts.map((script) => script.requests),
      random,
    );
    this.plan = requests;
    this.calls += requests.length;
    const answers = await settle(host, requests);
    const strays = answers.flatMap(({ result }): number[] => result?.output?.pids ?? []); // what started them is renewed
    const ids = answered(host);
    if (new Set(ids).size !== ids.length) throw new Error(`an id was answered twice: ${ids}`);

    for (const [n, member] of this.members.entries()) await this.outcome(member, scripts[n]?.acts ?? []);
    for (const member of this.members)
      if (member.isTainted || member.crashes >= MOST_CRASHES) await this.renew(member, random);
    await onlyWorkersAreLeft(host, strays);
    await onlyOwnFilesAreLeft(host, this.temporary);
    this.last = await sample(host, this.first?.descriptors);
    this.memory.push(this.last.residentMiB);
    if (this.rounds <= WARM_UP_ROUNDS) this.first = this.last;
  }

  /** Some good calls, one or two that do harm, and good calls behind them. */
  private victimScript(member: Member, random: Random): Script {
    const { handle } = member;
    const isShared = member.variant === "hostile-thread-safe";
    const requests: Planned[] = [];
    const acts: Act[] = [];
    const good = (count: number, answers?: readonly string[]) => {
      for (let n = 0; n < count; n++) requests.push(goodCall(handle, answers));
    };
    // Calls that run beside one that ends their process share its end (E9).
    good(random.below(3), isShared ? ownHarm : undefined);
    const acting = 1 + random.below(MOST_CRASHES - Math.min(1, member.crashes));
    while (acts.length < acting) {
      const act = hostileCall(member, random);
      const { request, isLater, taints, harmsOthers } = act;
      requests.push(isShared ? besideOthers(request) : request);
      acts.push(act);
      this.behaviours++;
      if (isLater) break;
      good(random.below(3), isShared || harmsOthers ? ownHarm : undefined);
      if (taints || harmsOthers) break;
    }
    return { requests, acts };
  }

  /** Waits for the ends that acts bring about, and notes what became of the member. */
  private async outcome(member: Member, acts: readonly Act[]): Promise<void> {
    if (acts.length > 0 && member.variant === "hostile-thread-safe") member.isTainted = true; // its end is any call's
    const awaited: Record<string, number> = {};
    for (const { end, taints } of acts) {
      if (taints) member.isTainted = true;
      if (end === undefined || member.isTainted) continue;
      const reason = String(end.reason);
      awaited[reason] = (awaited[reason] ?? 0) + 1;
      await this.ends(member.handle, reason, awaited[reason]);
      if (reason === "crash") member.crashes++;
    }
  }

  /** Resolves when so many of the handle's processes have ended for that reason in this round. */
  private async ends(handle: string, reason: string, count: number): Promise<void> {
    let seen = 0;
    await this.host.until(({ method, params }) => {
      if (method === "plugin/exited" && params?.handle === handle && params.reason === reason) seen++;
      return seen === count;
    });
  }

  /** Puts a fresh process in a member's place, in one of three ways. */
  private async renew(member: Member, random: Random): Promise<void> {
    const { host } = this;
    const { handle } = member;
    if (random.chance(2)) await host.result("plugin/reload", { handle });
    else {
      await host.result("plugin/unload", { handle, force: random.chance(2) });
      Object.assign(member, await this.load(member.variant));
    }
    member.crashes = 0;
    member.isTainted = false;
  }

  private async load(variant: Member["variant"]): Promise<Member> {
    const { handle } = await this.host.result("plugin/load", { path: join(fixturesDirectory, variant), ...unconfined });
    return { variant, handle, crashes: 0, isTainted: false };
  }
}

interface Script {
  /** In order, for one handle. */
  readonly requests: readonly Planned[];
  readonly acts: readonly Act[];
}

function goodScript({ handle }: Member, random: Random): Script {
  return { requests: Array.from({ length: 1 + random.below(4) }, () => goodCall(handle)), acts: [] };
}

/** One after the other in any order, those of each list in theirs. */
function interleaved<T>(lists: readonly (readonly T[])[], random: Random): T[] {
  const left = lists.map((list) => [...list]).filter((list) => list.length > 0);
  const all: T[] = [];
  while (left.length > 0) {
    const at = random.below(left.length);
    all.push(left[at]?.shift() as T);
    if (left[at]?.length === 0) left.splice(at, 1);
  }
  return all;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.map(() => left.splice(random.below(left.length), 1)[0] as T);
}
