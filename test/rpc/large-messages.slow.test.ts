// M5: large texts have memory of their own, which is given back as soon as nobody needs it: not before, and not much later.

import { describe, expect, test, vi } from "vitest";
import { start } from "../support/calls.ts";
import { Host } from "../support/host.ts";
import { RawHost } from "../support/raw-host.ts";

const MIB = 1 << 20;
/** Input with which the plugin answers. */
const own = (letter: string, bytes: number) => {
  return { do: "answer_input", success: true, output: { own: letter.repeat(bytes) }, error: null, files: [] };
};

describe.each(["headers", "lines"] as const)("%s:", (framing) => {
  test("M2: large requests of one batch are each answered with their own text", async () => {
    await using host = new RawHost({ framing, args: [`--framing=${framing}`] });
    const handle = await host.load("hostile");
    const inputs = [own("a", 100_000), own("b", 5), own("c", 200_000), own("d", 40_000)];
    const batch = inputs.map((input, id) => {
      return { jsonrpc: "2.0", id, method: "plugin/execute", params: { handle, input } };
    });
    const body = JSON.stringify(batch);
    void host.send(framing === "lines" ? `${body}\n` : `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    const answers: { id: number; result: { output: unknown } }[] = (await host.messages(2)).json;
    for (const { id, result } of answers) expect(result.output).toEqual(inputs[id]?.output);
    expect(answers.length).toBe(inputs.length);
  });
});

test("E5: large calls that wait while the worker crashes are given whole to the next one", async () => {
  await using host = new Host();
  const handle = await host.load("hostile");
  const crash = start(host, handle, "segv");
  const inputs = [own("a", MIB), own("b", 2 * MIB)];
  const ids = inputs.map((input) => host.start("plugin/execute", { handle, input }));
  expect((await host.answer(crash)).error?.data.kind).toBe("PLUGIN_CRASHED");
  for (const [n, id] of ids.entries()) expect((await host.answer(id)).result.output).toEqual(inputs[n]?.output);
});

test("large calls of several plugins, in flight together, keep their texts", async () => {
  await using host = new Host();
  const handles = [await host.load("hostile"), await host.load("echo")];
  const inputs = Array.from({ length: 60 }, (_, n) => own(String(n % 10), 25_000 * n));
  const ids = inputs.map((input, n) => host.start("plugin/execute", { handle: handles[n % 2], input }));
  for (const [n, id] of ids.entries()) {
    const { output } = (await host.answer(id)).result;
    expect(n % 2 === 0 ? output : output.context.input.output).toEqual(inputs[n]?.output);
  }
});

test("after a call of 16 MiB the program soon has as much memory as before", async () => {
  await using host = new RawHost({ framing: "lines", args: ["--framing=lines"] });
  const handle = await host.load("echo");
  const ask = async (id: number, bytes: number) => {
    const input = own("x", bytes);
    void host.send(`${JSON.stringify({ jsonrpc: "2.0", id, method: "plugin/execute", params: { handle, input } })}\n`);
    await host.messages(host.said.length + 1);
  };
  await ask(2, 100);
  const before = host.memory;
  for (let n = 0; n < 4; n++) await ask(3 + n, 16 * MIB);
  expect(host.peakMemory - before).toBeGreaterThan(30);
  await vi.waitFor(() => expect(host.memory - before).toBeLessThan(12), { timeout: 20_000 });
});
