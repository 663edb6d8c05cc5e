// E3, E5, E8, E22, M6: the hostile corpus (test/containment/corpus.ts) on Windows. What a plugin does in a call ends in that
// call's one answer, and in those of the calls behind it, in order; other plugins notice nothing, and nothing is left.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Behaviour, corpus, loadFailures } from "../../containment/corpus.ts";
import { answered, call, exited, listed, start, watchingHost } from "../../support/calls.ts";
import type { Host } from "../../support/host.ts";
import { PipeGate } from "./pipe-gate.ts";
import { WatchedProcess } from "./watched-process.ts";
import { assertMatches, endOnWindows, leftOut, loadsLeftOut, reasons } from "./windows-corpus.ts";

const home = "Z:\\work\\hostile";
const program = [process.execPath, "Z:\\dlrpc\\dist\\dlrpc.portable.cjs"];
const NODE_PATH = "Z:\\work\\node_modules";
/** What may start processes is not confined, so that it does. */
const unconfined = { sandbox: { profile: "none" } };
const LONG_MS = 20_000;

const serve = (): Promise<Host> => watchingHost({ program, trust: [home], env: { NODE_PATH } });

async function load(host: Host, variant = "hostile", sandbox: object = unconfined): Promise<string> {
  return (await host.result("plugin/load", { path: `${home}\\${variant}`, ...sandbox })).handle;
}

/** Another plugin with a call that runs all the time. */
class Bystander {
  readonly host: Host;
  private readonly handle: string;
  private readonly gate: PipeGate;
  private readonly call: number;

  private constructor(host: Host, handle: string, gate: PipeGate, call: number) {
    this.host = host;
    this.handle = handle;
    this.gate = gate;
    this.call = call;
  }

  static async stand(): Promise<Bystander> {
    const host = await serve();
    const gate = await PipeGate.open();
    const handle = await load(host);
    const id = start(host, handle, "wait_at_gate", { input: { do: "wait_at_gate", gate: gate.path } });
    await gate.reached;
    return new Bystander(host, handle, gate, id);
  }

  async expectUndisturbed(): Promise<void> {
    const { running, stats } = await listed(this.host, this.handle);
    assertMatches({ running, stats }, { running: 1, stats: { calls: 1, errors: 0, crashes: 0, restarts: 0 } });
  }

  /** Its call gets its answer, and dlrpc ends in order. */
  async leave(): Promise<void> {
    await this.expectUndisturbed();
    await this.gate.letThrough();
    assert.equal((await this.host.answer(this.call)).result?.output.count, 1);
    assert.deepEqual(await this.host.finish(), { status: 0, signal: null });
    assert.equal(this.host.stderr, "");
  }
}

const titleOf = ({ does, input = {} }: Behaviour): string =>
  [does, ...Object.entries(input).map(([name, value]) => `${name} ${value}`)].join(", ");

for (const [theme, behaviours] of Object.entries(corpus)) {
  const tried = behaviours.filter((behaviour) => leftOut(behaviour) === undefined);
  describe(theme, () => {
    let bystander: Bystander;
    before(async () => {
      bystander = await Bystander.stand();
    });
    after(() => bystander.leave());

    for (const behaviour of tried) {
      test(`${theme}: ${titleOf(behaviour)}`, async () => {
        const { host } = bystander;
        const handle = await load(host, behaviour.variant);
        const { pid } = (await call(host, handle, "count")).result.output;
        using first = new WatchedProcess(pid);
        const left = behaviour.isLater
          ? await answeredThenEnded(host, handle, behaviour)
          : await answeredAmongOthers(host, handle, pid, behaviour);
        await host.result("plugin/unload", { handle });
        assert.ok(first.hasEndedWithin(LONG_MS));
        for (const each of left) assert.ok(hasEnded(each), `${each} is left`);
        await bystander.expectUndisturbed();
      });
    }
  });
}

/** Other calls are queued behind it, and it is answered before them. @returns processes that it has started */
async function answeredAmongOthers(host: Host, handle: string, pid: number, behaviour: Behaviour): Promise<number[]> {
  const id = begin(host, handle, behaviour);
  const behind = [1, 2, 3].map(() => start(host, handle, "count"));
  const left = await expectAnswer(host, id, behaviour);
  const outputs = await Promise.all(behind.map(async (each) => (await host.answer(each)).result.output));
  assert.deepEqual(answered(host).slice(-4), [id, ...behind]);
  if (behaviour.end === undefined) {
    assert.deepEqual(
      outputs,
      [3, 4, 5].map((count) => ({ count, pid })),
    );
    return left;
  }
  assert.deepEqual(
    outputs.map(({ count }) => count),
    [1, 2, 3],
  );
  assert.ok(outputs.every((output) => output.pid !== pid));
  assertMatches(await exited(host, handle), endOnWindows(behaviour, behaviour.end));
  return left;
}

/** The process ends after the answer: nobody's call suffers from it. */
async function answeredThenEnded(host: Host, handle: string, behaviour: Behaviour): Promise<number[]> {
  const left = await expectAnswer(host, begin(host, handle, behaviour), behaviour);
  assertMatches(await exited(host, handle), endOnWindows(behaviour, behaviour.end ?? {}));
  assert.equal((await call(host, handle, "count")).result.output.count, 1);
  assertMatches((await listed(host, handle)).stats, { calls: 3, errors: 0, crashes: 1, restarts: 1 });
  return left;
}

function begin(host: Host, handle: string, { does, input, timeoutMs }: Behaviour): number {
  const deadline = timeoutMs === undefined ? {} : { timeoutMs };
  return host.start("plugin/execute", { handle, input: { do: does, ...input }, ...deadline });
}

async function expectAnswer(host: Host, id: number, behaviour: Behaviour): Promise<number[]> {
  const { result, error, text } = await host.answer(id);
  const answer = error?.data.kind ?? "result";
  assert.ok((behaviour.answers as readonly string[]).includes(answer), text);
  if (error !== undefined) assertMatches(error.data, endOnWindows(behaviour, behaviour.data ?? {}));
  assert.equal(answered(host).filter((each) => each === id).length, 1);
  const said = /"pids":\[(\d+)\]/.exec(String(error?.data.stderrTail ?? ""))?.[1];
  return said === undefined ? (result?.output.pids ?? []) : [Number(said)];
}

/** What has ended has no number any more. */
function hasEnded(pid: number): boolean {
  try {
    using other = new WatchedProcess(pid);
    return other.hasEndedWithin(LONG_MS);
  } catch {
    return true;
  }
}

describe("what does not load", () => {
  let host: Host;
  before(async () => {
    host = await serve();
  });
  after(async () => {
    assert.deepEqual(await host.finish(), { status: 0, signal: null });
  });

  for (const { name, data, timeoutMs } of loadFailures.filter((each) => loadsLeftOut[each.name] === undefined)) {
    test(`at load: ${name}`, async () => {
      const deadline = timeoutMs === undefined ? {} : { timeoutMs };
      const error = await host.error("plugin/load", { path: `${home}\\${name}`, ...unconfined, ...deadline });
      // Windows's loader may catch what a constructor raises.
      const caught = error.data.kind === "LIBRARY_LOAD_FAILED" && name === "constructor-segv";
      assertMatches(error.data, caught ? {} : endOnWindows(undefined, data));
    });
  }
});

test("S5: a plugin that takes more memory than it may, and then hangs, is ended because of that", async () => {
  await using host = await serve();
  const handle = await load(host, "hostile", { sandbox: { memoryMb: 48 } });
  const { error } = await call(host, handle, "take_memory");
  assertMatches(error?.data, { kind: "PLUGIN_CRASHED", reason: "memory", memoryMb: 48, signal: "SIGKILL" });
  assert.ok(Number(error?.data.usedMb) > 48, `${error?.data.usedMb} MiB`);
});

test("what is left out is in the corpus", () => {
  const all = new Set(Object.values(corpus).flatMap((theme) => theme.map(({ does }) => does)));
  for (const does of Object.keys(reasons)) assert.ok(all.has(does), does);
});
