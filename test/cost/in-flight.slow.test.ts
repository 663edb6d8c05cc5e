// Memory of the program while many large calls are in flight: bounded by the limits, not by what the host sends.
// The bounds are far above what is needed, and far below what would be needed without the limits.

import { expect, test, vi } from "vitest";
import { RawHost } from "../support/raw-host.ts";

vi.setConfig({ testTimeout: 120_000 }); // hundreds of megabytes, on a machine that may have other work

const MIB = 1 << 20;

/** Sends calls of 1 MiB at once. @returns how they were answered, and the peak of memory above idle, in MiB */
async function burst(calls: number, maxMessageMib: number): Promise<{ kinds: Record<string, number>; peak: number }> {
  const args = ["--framing=lines", `--max-message-bytes=${maxMessageMib * MIB}`];
  await using host = new RawHost({ framing: "lines", args });
  const handle = await host.load("echo");
  const idle = host.peakMemory;
  const input = { text: "x".repeat(MIB) };
  for (let id = 0; id < calls; id++) {
    const message = { jsonrpc: "2.0", id, method: "plugin/execute", params: { handle, input } };
    void host.send(`${JSON.stringify(message)}\n`);
  }
  await host.messages(1 + calls);
  const kinds: Record<string, number> = {};
  for (const { json } of host.said.slice(1)) {
    const kind = json.error?.data.kind ?? "result";
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return { kinds, peak: host.peakMemory - idle };
}

test("64 calls of 1 MiB at once are all answered where the limits have room for them", async () => {
  const { kinds, peak } = await burst(64, 32);
  expect(kinds).toEqual({ result: 64 });
  expect(peak).toBeLessThan(200);
});

test("E7: what 256 calls of 1 MiB take is bounded by the largest message, and each has an answer", async () => {
  const { kinds, peak } = await burst(256, 2);
  expect((kinds.result ?? 0) + (kinds.OVERLOADED ?? 0)).toBe(256);
  expect(peak).toBeLessThan(200);
});
