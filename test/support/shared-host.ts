// Owns one program for those tests of a file that need none of their own, as a host has one for a day. Each test makes its own
// plugins, and finds none of another's loaded.

import { afterAll, afterEach, expect } from "vitest";
import { Host, type HostOptions } from "./host.ts";
import { fixturesDirectory } from "./paths.ts";
import { TemporaryDirectory } from "./temporary-directory.ts";

export interface SharedHost {
  readonly host: Host;
  /** Where a test makes its PluginDirectory: what is in it, however deep, is trusted. */
  readonly trusted: TemporaryDirectory;
}

/** For the tests of the file, or of the `describe` that it is called in. @param options how the program is started */
export function shareHost(options: HostOptions = {}): SharedHost {
  const trusted = new TemporaryDirectory();
  let started: Host | undefined;

  afterEach(async () => {
    if (started === undefined) return;
    const { plugins } = await started.result("plugin/list");
    for (const { handle } of plugins) await started.result("plugin/unload", { handle, force: true });
    started.messages.length = 0;
  });

  afterAll(async () => {
    try {
      if (started !== undefined) expect(await started.finish()).toEqual({ status: 0, signal: null });
    } finally {
      await started?.[Symbol.asyncDispose]();
      trusted[Symbol.dispose]();
    }
  });

  return {
    get host() {
      started ??= new Host({ trust: [fixturesDirectory, trusted.path], ...options });
      return started;
    },
    trusted,
  };
}
