// E5, P5: what goes wrong in the way of another language than C, and would cross the boundary to dlrpc.

import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { HostileVariant } from "../../fixtures/hostile.ts";
import { exited, start, watchingHost } from "../support/calls.ts";
import { plugin } from "../support/paths.ts";

interface Way {
  readonly inCall: HostileVariant;
  readonly does: string;
  readonly atLoad: HostileVariant;
  readonly says: RegExp;
}

const ways: Record<string, Way> = {
  "a C++ exception": {
    inCall: "throws-cpp",
    does: "throw",
    atLoad: "throws-cpp-at-load",
    says: /std::runtime_error'\n.*what\(\): +thrown on purpose/,
  },
  "a Rust panic": {
    inCall: "panics-rust",
    does: "panic",
    atLoad: "panics-rust-at-load",
    says: /panicked on purpose/,
  },
};

describe.each(Object.keys(ways))("%s that nothing catches ends the process, which says why", (name) => {
  const { inCall, does, atLoad, says } = ways[name] as Way;
  const end = { signal: "SIGABRT", exitCode: null };
  const crash = { kind: "PLUGIN_CRASHED", ...end, stderrTail: expect.stringMatching(says), sideEffectsUnknown: true };

  test.skipIf(!existsSync(plugin(inCall)))("in a call", async () => {
    await using host = await watchingHost();
    const handle = await host.load(inCall);
    const doomed = start(host, handle, does);
    const behind = start(host, handle, "nothing");
    expect((await host.answer(doomed)).error?.data).toMatchObject({ ...crash, handle, operation: "execute" });
    expect(await exited(host, handle)).toEqual({ handle, ...end, reason: "crash", willRestart: true });
    expect((await host.answer(behind)).result.success).toBe(true);
  });

  test.skipIf(!existsSync(plugin(atLoad)))("while it is loaded", async () => {
    await using host = await watchingHost();
    const { data } = await host.error("plugin/load", { path: plugin(atLoad) });
    expect(data).toMatchObject({ ...crash, plugin: "hostile", path: plugin(atLoad), operation: "load" });
    expect(await host.result("plugin/list")).toEqual({ plugins: [] });
  });
});
