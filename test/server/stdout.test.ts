// Invariant 1: stdout belongs to the protocol. M9: what an answer consists of.

import { expect, test } from "vitest";
import { start } from "../support/calls.ts";
import { Host } from "../support/host.ts";

test("what a plugin prints never reaches stdout", async () => {
  await using host = new Host();
  const handle = await host.load("hostile");
  const ids = ["print", "print_protocol", "print"].map((what) => start(host, handle, what));
  await host.finish();
  expect(host.messages.slice(1).map(({ id }) => id)).toEqual(ids);
});

test("a plugin that reads stdin finds it empty, and takes nothing of the protocol", async () => {
  await using host = new Host();
  const handle = await host.load("hostile");
  const reads = [1, 2].map(() => start(host, handle, "read_stdin"));
  const behind = host.start("plugin/list");
  for (const id of reads) expect((await host.answer(id)).result.output).toEqual({ read: 0 });
  expect((await host.answer(behind)).result.plugins).toHaveLength(1);
});

test("M9: an answer holds jsonrpc, id, and either a result, which is an object, or an error", async () => {
  await using host = new Host();
  const handle = await host.load("hostile");
  for (const method of ["initialize", "plugin/list", "plugin/discover", "plugin/validate", "no/such/method"])
    host.start(method);
  for (const what of ["count", "answer_null", "segv"]) start(host, handle, what);
  host.send("{");
  host.send('{"jsonrpc":"2.0","id":"bad"}');
  host.start("plugin/reload", { handle });
  host.start("plugin/unload", { handle });
  host.start("shutdown");
  await host.finish();
  expect(host.messages).toHaveLength(14);
  for (const message of host.messages) {
    const { jsonrpc, id, ...outcome } = JSON.parse(message.text);
    expect([jsonrpc, id]).toEqual(["2.0", message.id]);
    expect(["string", "number", "object"]).toContain(typeof id);
    if (outcome.error === undefined) expect(outcome).toEqual({ result: expect.any(Object) });
    else {
      const data = expect.objectContaining({ kind: expect.any(String) });
      expect(outcome).toEqual({ error: { code: expect.any(Number), message: expect.any(String), data } });
    }
  }
});
