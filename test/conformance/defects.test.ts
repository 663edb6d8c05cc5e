// Tries a server that is wrong on purpose against the transcripts of protocol/conformance.

import { join } from "node:path";
import { buildSync } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import mustFail from "../../fixtures/wrong-server/defects.json" with { type: "json" };
import { defects } from "../../fixtures/wrong-server/defects.ts";
import { runConformance, transcripts } from "../support/conformance.ts";
import { program, projectRoot } from "../support/paths.ts";

/** All transcripts, on a machine that does other things as well. */
const WHOLE_SUITE_MS = 600_000;
/** How many of a defect's transcripts are tried with that defect alone. */
const SAMPLE = 3;

describe("a server that is wrong on purpose fails the transcripts that it must, and no other", () => {
  const wrongServer = join(projectRoot, "dist", "wrong-server.cjs");
  const command = (defect: string) => [process.execPath, wrongServer, defect, program];

  beforeAll(() => {
    const source = join(projectRoot, "fixtures", "wrong-server", "wrong-server.ts");
    buildSync({
      entryPoints: [source],
      outfile: wrongServer,
      bundle: true,
      platform: "node",
      format: "cjs",
      external: ["koffi"],
    });
  });

  test("defects.json knows the defects", () => {
    expect(Object.keys(mustFail)).toEqual(Object.keys(defects));
    const names = transcripts.map(({ name }) => name);
    expect(Object.values(mustFail).flatMap((list) => list.filter((name) => !names.includes(name)))).toEqual([]);
    expect(Object.entries(mustFail).filter(([, list]) => list.length === 0)).toEqual([]);
  });

  test("with all its defects", { timeout: WHOLE_SUITE_MS }, async () => {
    const { status, failed } = await runConformance([], command("all"));
    expect(failed.sort()).toEqual([...new Set(Object.values(mustFail).flat())].sort());
    expect(status).toBe(1);
  });

  test.each(Object.entries(mustFail))("it %s", { timeout: 120_000 }, async (defect, names) => {
    const sample = names.slice(0, SAMPLE);
    const { failed } = await runConformance(
      sample.map((name) => `--filter=${name}`),
      command(defect),
    );
    expect(failed).toEqual(expect.arrayContaining(sample));
  });
});
