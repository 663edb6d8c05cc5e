// Tries the built program against the transcripts of protocol/conformance.

import { expect, test } from "vitest";
import { runConformance, transcripts } from "../support/conformance.ts";
import { half, program } from "../support/paths.ts";

/** All transcripts, on a machine that does other things as well. */
const WHOLE_SUITE_MS = 600_000;

test("the program passes every transcript", { timeout: WHOLE_SUITE_MS }, async () => {
  const unconfined = half === "linux" ? [] : ["--sandbox=none"]; // there it has nothing to confine by
  const command = [process.execPath, program, "serve", ...unconfined];
  const { status, failed, total, stderr } = await runConformance([], command);
  expect(failed, stderr).toEqual([]);
  expect([status, total]).toEqual([0, transcripts.length]);
});
