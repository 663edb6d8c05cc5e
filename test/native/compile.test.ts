// The worker's sources compile without a warning, with either compiler and for either glibc, into a worker that works.

import { expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { FrameKind } from "../../native/frames/frames.ts";
import { HandWorker } from "../support/hand-worker.ts";
import { Workshop } from "../support/own-worker.ts";
import { libraryOf } from "../support/plugin-directory.ts";

const warnings = ["-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wvla", "-Wformat=2"];

const compilers = lacks("clang") ? ["gcc"] : ["gcc", "clang"];

test.each(compilers.flatMap((compiler) => [false, true].map((isForOldGlibc) => ({ compiler, isForOldGlibc }))))(
  "$compiler, for old glibcs: $isForOldGlibc",
  async ({ compiler, isForOldGlibc }) => {
    using workshop = new Workshop();
    const program = workshop.worker({ compiler, isForOldGlibc, flags: warnings }); // any warning is an error
    await using worker = new HandWorker({ program });
    worker.send(FrameKind.load, 0, `${libraryOf("echo")}\0`);
    worker.send(FrameKind.serve, 1);
    worker.execute(1024, '{"input":{"a":1}}');
    const { frames, stderr, status } = await worker.finish();
    expect([stderr, status]).toEqual(["", 0]);
    expect(frames.map(({ kind, call }) => [kind, call])).toEqual([
      [FrameKind.loaded, 0],
      [FrameKind.result, 1024],
    ]);
    expect(frames[1]?.payload.toString()).toContain('"context":{"input":{"a":1}}');
  },
);

test("what a compiler warns of is told, and compiles nothing", () => {
  using workshop = new Workshop();
  const unused = "static int nobody_calls_this(void) { return 1; }\n";
  expect(() => workshop.worker({ compiler: "cc" }, unused)).toThrow(
    /does not compile the worker:\n.*nobody_calls_this/s,
  );
});
