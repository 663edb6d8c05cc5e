// What a plugin says while its call runs: partial results, progress and log, as the client tells of them.

import { once } from "node:events";
import {
  ConnectionLostError,
  type DlrpcHost,
  PluginCrashedError,
  type Progress,
  RequestCancelledError,
} from "dlrpc/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Gate } from "../support/gate.ts";
import { plugin as pathOf } from "../support/paths.ts";
import { failure, spawnHost } from "./support.ts";

/** As the plugin `streaming` counts. */
interface Counted {
  calls: number;
  passed: number;
}

/** Of those tests that need none of their own. */
let host: DlrpcHost;
beforeAll(async () => {
  host = await spawnHost();
});
afterAll(() => host[Symbol.asyncDispose]());

/** What an iteration gives before it ends or throws. */
async function collect<Value>(values: AsyncIterable<Value>): Promise<{ values: Value[]; error?: unknown }> {
  const collected: Value[] = [];
  try {
    for await (const value of values) collected.push(value);
    return { values: collected };
  } catch (error) {
    return { values: collected, error };
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

test("onOutput is told each partial result, in order and before the result", async () => {
  const plugin = await host.load(pathOf("streaming"));
  const told: unknown[] = [];
  const input = { do: "emit_numbers", count: 1000 };
  const { output } = await plugin.execute<Counted>(input, { onOutput: (value) => told.push(value) });
  expect(told).toEqual(numbers(1000));
  expect(output.passed).toBe(1000);
});

test("a call that does not ask for partial results is told none", async () => {
  const plugin = await host.load(pathOf("streaming"));
  expect((await plugin.execute<Counted>({ do: "emit_numbers", count: 3 })).output.passed).toBe(0);
});

test("each call is told its own", async () => {
  const plugins = await Promise.all([host.load(pathOf("streaming")), host.load(pathOf("streaming"))]);
  const counts = [1, 0, 20, 3, 100];
  const told = await Promise.all(
    counts.map(async (count, i) => {
      const values: unknown[] = [];
      const plugin = plugins[i % 2];
      await plugin?.execute({ do: "emit_numbers", count }, { onOutput: (value) => values.push(value) });
      return values;
    }),
  );
  expect(told).toEqual(counts.map(numbers));
});

test("a stream is iterated over, and has the result", async () => {
  const plugin = await host.load(pathOf("streaming"));
  const stream = plugin.stream<{ n: number }, Counted>({ do: "emit_numbers", count: 1000 });
  let sum = 0;
  for await (const { n } of stream) sum += n;
  expect(sum).toBe(499_500);
  expect(await stream.result).toMatchObject({ success: true, output: { passed: 1000 } });
});

test("a stream gives what has come while the call still runs", async () => {
  await using gate = new Gate();
  const plugin = await host.load(pathOf("streaming"));
  const stream = plugin.stream({ do: "emit_numbers", count: 2, ...gateOf(gate) });
  const values = stream[Symbol.asyncIterator]();
  await gate.reached();
  expect([await values.next(), await values.next()]).toMatchObject([{ value: { n: 0 } }, { value: { n: 1 } }]);
  const rest = values.next();
  await gate.open();
  expect(await rest).toEqual({ done: true, value: undefined });
});

function gateOf(gate: Gate): { gate: string } {
  return { gate: gate.input.input.gate };
}

test("what a stream has got waits for whoever iterates after the call", async () => {
  const plugin = await host.load(pathOf("streaming"));
  const stream = plugin.stream({ do: "emit_numbers", count: 5 });
  await stream.result;
  expect(await collect(stream)).toEqual({ values: numbers(5) });
});

test("two who iterate share what comes", async () => {
  const plugin = await host.load(pathOf("streaming"));
  const stream = plugin.stream<{ n: number }>({ do: "emit_numbers", count: 100 });
  const [one, other] = await Promise.all([collect(stream), collect(stream)]);
  expect([...one.values, ...other.values].toSorted((a, b) => a.n - b.n)).toEqual(numbers(100));
});

test("a stream that is left early cancels its call; a plugin that returns then keeps what it has", async () => {
  await using own = await spawnHost();
  const plugin = await own.load(pathOf("streaming"));
  const stream = plugin.stream({ do: "wait_until_stopped" }, { cancelGraceMs: 60_000 });
  for await (const value of stream) {
    expect(value).toBe("waiting");
    break;
  }
  const error = await failure(stream.result, RequestCancelledError);
  expect(error.cause).toBe("the iteration was left");
  expect((await plugin.execute<Counted>()).output.calls).toBe(2);
  expect(await own.list()).toMatchObject([{ stats: { discarded: 1 } }]);
});

test("cancelGraceMs: 0 leaves no time for that", async () => {
  const plugin = await host.load(pathOf("streaming"));
  for await (const _ of plugin.stream({ do: "wait_until_stopped" }, { cancelGraceMs: 0 })) break;
  expect((await plugin.execute<Counted>()).output.calls).toBe(1);
});

test("a signal cancels a stream's call; its iteration and its result say why", async () => {
  const plugin = await host.load(pathOf("streaming"));
  const controller = new AbortController();
  const stream = plugin.stream({ do: "wait_until_stopped" }, { signal: controller.signal });
  const values: unknown[] = [];
  const iteration = (async () => {
    for await (const value of stream) {
      values.push(value);
      controller.abort("no longer needed");
    }
  })();
  const error = await failure(iteration, RequestCancelledError);
  expect(error.cause).toBe("no longer needed");
  expect(await failure(stream.result, RequestCancelledError)).toBe(error);
  expect(values).toEqual(["waiting"]);
});

test("what a call fails with is thrown behind what came before it", async () => {
  const plugin = await host.load(pathOf("streaming"));
  const stream = plugin.stream({ do: "emit_and_abort" });
  const { values, error } = await collect(stream);
  expect([values, error]).toEqual([[1, 2], expect.any(PluginCrashedError)]);
  expect(await failure(stream.result, PluginCrashedError)).toBe(error);
});

test("a stream that nobody looks at may fail", async () => {
  const plugin = await host.load(pathOf("streaming"));
  const exited = once(host, "exited");
  plugin.stream({ do: "emit_and_abort" }); // an unhandled rejection would fail the test run
  await exited;
  await plugin.execute();
});

test("what is no JSON is refused where a stream is iterated over", async () => {
  const plugin = await host.load(pathOf("streaming"));
  expect(await collect(plugin.stream({ big: 1n }))).toEqual({ values: [], error: expect.any(TypeError) });
});

test("the end of dlrpc ends an iteration", async () => {
  await using own = await spawnHost();
  const plugin = await own.load(pathOf("streaming"));
  const stream = plugin.stream({ do: "wait_until_stopped" });
  const values: unknown[] = [];
  const iteration = (async () => {
    for await (const value of stream) {
      values.push(value);
      void own.kill();
    }
  })();
  await failure(iteration, ConnectionLostError);
  expect(values).toEqual(["waiting"]);
});

test("numbers beyond 2^53 in a partial result are what JSON.parse makes of them", async () => {
  const plugin = await host.load(pathOf("streaming"));
  expect(await collect(plugin.stream({ do: "emit_as_written" }))).toEqual({
    values: [{ big: 12345678901234567000, text: "\n" }],
  });
});

test("onProgress is told what the plugin reports, between begin and end", async () => {
  await using gate = new Gate();
  const plugin = await host.load(pathOf("streaming"));
  const told: Progress[] = [];
  const reported = Promise.withResolvers<void>();
  const onProgress = (progress: Progress) => {
    told.push(progress);
    if (progress.kind === "report") reported.resolve();
  };
  const result = plugin.execute({ do: "report_and_say", ...gateOf(gate) }, { onProgress });
  await gate.reached();
  await reported.promise;
  await gate.open();
  await result;
  const report = { kind: "report", percentage: 25, message: "a quarter \u001b[31mof it", done: 3, total: 12 };
  expect(told).toEqual([{ kind: "begin" }, report, { kind: "end" }]);
});

test("a report without a total has no percentage", async () => {
  await using gate = new Gate();
  const plugin = await host.load(pathOf("streaming"));
  const reported = Promise.withResolvers<Progress>();
  const onProgress = (progress: Progress) => progress.kind === "report" && reported.resolve(progress);
  const result = plugin.execute({ do: "report_without_total", ...gateOf(gate) }, { onProgress });
  await gate.reached();
  expect(await reported.promise).toEqual({ kind: "report", done: 7 });
  await gate.open();
  await result;
});

test("what a plugin logs is told with its level", async () => {
  await using own = await spawnHost();
  const plugin = await own.load(pathOf("streaming"));
  const told: unknown[] = [];
  own.on("log", ({ handle, stream, level, text, requestId }) => {
    expect([handle, typeof requestId]).toEqual([plugin.handle, "number"]);
    told.push([stream, level, text]);
  });
  await plugin.execute({ do: "say_all" });
  expect(told).toEqual([
    ["log", "error", "an error"],
    ["log", "warn", "a warning"],
    ["log", "info", "two\nlines"],
    ["log", "debug", "a detail"],
  ]);
});
