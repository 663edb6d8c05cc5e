// The conformance suite in Wine, by the single executable for Windows. It is among the tests of packages because these run one after
// the other, behind all others: while it runs nothing else can in Wine.

import { join } from "node:path";
import { expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { transcripts } from "../support/conformance.ts";
import { runSuiteInWine } from "../windows/suite.ts";
import { packedDirectory } from "./packed.ts";

/** Wine starts programs slowly. */
const WHOLE_SUITE_MS = 1_200_000;

const isLinked = (operations: readonly { kind: string }[]) => operations.some(({ kind }) => kind === "link");
/** What has nothing to show on Windows, and what has links, which lead nowhere in Wine. */
const notApplicable = transcripts
  .filter(({ notOn, files, steps }) => {
    const later = steps.flatMap((step) => (step.kind === "files" ? step.action.files : []));
    return notOn.win32 !== undefined || isLinked(files) || isLinked(later);
  })
  .map(({ name }) => name);

const tools = ["x86_64-w64-mingw32-gcc", "wine"] as const;

test.skipIf(tools.some(lacks))("the suite, in Wine", { timeout: WHOLE_SUITE_MS }, async () => {
  const outcomes = await runSuiteInWine(join(packedDirectory, "dlrpc-win-x64.exe"));
  expect(outcomes).toHaveLength(transcripts.length);
  const failed = outcomes.filter(({ passed }) => passed === false);
  expect(failed, JSON.stringify(failed, null, 1)).toEqual([]);
  expect(outcomes.filter(({ passed }) => passed === null).map(({ name }) => name)).toEqual(notApplicable);
});
