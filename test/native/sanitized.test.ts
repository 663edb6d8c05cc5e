// A worker that watches itself (AddressSanitizer, UndefinedBehaviorSanitizer, ThreadSanitizer) does in dlrpc's hands what the
// others do, and has nothing to report: neither in calls of any size, nor in failures, nor at its end, when memory that
// leaked is told.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { call, exited } from "../support/calls.ts";
import { Host } from "../support/host.ts";
import { Workshop } from "../support/own-worker.ts";
import { plugin } from "../support/paths.ts";
import { ProgramCopy } from "../support/program-copy.ts";

vi.setConfig({ testTimeout: 240_000 }); // such a worker is slow, on a machine that may have other work

/** What is found ends the process with this status. Options cannot come by the environment, which dlrpc filters. */
const FOUND = 86;
const options = `
  #define SEEN_BY_THE_SANITIZER __attribute__((visibility("default"))) const char *
  SEEN_BY_THE_SANITIZER __asan_default_options(void) { return "exitcode=${FOUND}:detect_stack_use_after_return=1"; }
  SEEN_BY_THE_SANITIZER __ubsan_default_options(void) { return "exitcode=${FOUND}"; }
  SEEN_BY_THE_SANITIZER __tsan_default_options(void) { return "exitcode=${FOUND}"; }
`;

const undefinedBehaviour = ["-fsanitize=undefined", "-fno-sanitize-recover=undefined", "-g"];
const everything = ["-fsanitize=address", ...undefinedBehaviour, "-fno-omit-frame-pointer"];

/** Around what the worker reads at once, and what it has memory of its own for. */
const sizes = [0, 1, 4000, 32 * 1024, 64 * 1024, 1 << 20, 5_000_000].flatMap((bytes) =>
  [-200, -33, -17, -1, 0, 1, 13, 200].map((more) => Math.max(0, bytes + more)),
);

/** A program whose worker watches itself; `more` is added to the worker's sources. */
class Watched implements Disposable {
  private readonly copy = new ProgramCopy();
  readonly command = this.copy.command;

  constructor(compiler: string, flags: readonly string[], more = "") {
    using workshop = new Workshop();
    this.copy.useWorker(workshop.worker({ compiler, flags }, options + more));
  }

  [Symbol.dispose](): void {
    this.copy[Symbol.dispose]();
  }
}

/** ThreadSanitizer knows where memory lies, unless the system scatters it further than is usual. */
const isFarScattered = Number(readFileSync("/proc/sys/vm/mmap_rnd_bits", "utf8")) > 28;
const through = isFarScattered ? ["setarch", "--addr-no-randomize"] : [];

const compilers = lacks("clang") ? ["gcc"] : ["gcc", "clang"];

const ways = [
  // Under a limit on memory there is no place for the shadow of all memory, which is what AddressSanitizer works with.
  { compiler: "clang", what: "all", flags: everything, profile: "none" },
  { compiler: "gcc", what: "all", flags: everything, profile: "none" },
  { compiler: "gcc", what: "undefined behaviour", flags: undefinedBehaviour, profile: "standard" },
  { compiler: "gcc", what: "undefined behaviour", flags: undefinedBehaviour, profile: "strict" },
  { compiler: "clang", what: "races", flags: ["-fsanitize=thread", "-g"], profile: "none" },
];

describe.each(ways.filter(({ compiler }) => compilers.includes(compiler)))(
  "$compiler sees $what, profile $profile:",
  (way) => {
    const { compiler, flags, profile } = way;
    const sandbox = { profile };
    let watched: Watched;
    beforeAll(() => {
      watched = new Watched(compiler, flags);
    }, 120_000);
    afterAll(() => watched[Symbol.dispose]());

    async function inItsHands(use: (host: Host) => Promise<void>, args: readonly string[] = []): Promise<void> {
      await using host = new Host({ program: watched.command, through, args: ["--concurrency=4", ...args] });
      await host.result("initialize", { notifications: ["log", "exited"] });
      await use(host);
      expect(await host.finish()).toEqual({ status: 0, signal: null });
      expect(host.messages.filter(({ method }) => method === "plugin/log").map(({ params }) => params?.text)).toEqual(
        [],
      );
    }

    async function unload(host: Host, handle: string): Promise<void> {
      await host.result("plugin/unload", { handle });
      expect(await exited(host, handle)).toMatchObject({ exitCode: 0, signal: null, reason: "unload" });
    }

    test("calls of every size, one after another and at once", async () => {
      await inItsHands(async (host) => {
        const handle = await host.load("echo", { sandbox });
        const lengthOf = async (size: number) => {
          const { output } = await host.result("plugin/execute", { handle, input: { text: "x".repeat(size) } });
          return output.context.input.text.length;
        };
        for (const size of sizes) expect(await lengthOf(size)).toBe(size);
        expect(await Promise.all(sizes.map(lengthOf))).toEqual(sizes);
        await unload(host, handle);
      });
    });

    test("calls on several threads, small and large", async () => {
      await inItsHands(async (host) => {
        const handle = await host.load("counts-frees-thread-safe", { sandbox });
        // Its answer is its input, in memory that each thread has to itself.
        const own = (size: number) => ({
          do: "answer_input",
          success: true,
          output: { x: "x".repeat(size) },
          files: [],
        });
        const inputs = Array.from({ length: 200 }, (_, i) => own(sizes[i % sizes.length] as number));
        const answers = await Promise.all(inputs.map((input) => host.result("plugin/execute", { handle, input })));
        expect(answers.map(({ output }) => output)).toEqual(inputs.map(({ output }) => output));
        const { output } = (await call(host, handle, "counts")).result;
        expect(output).toEqual({ returned: 201, freed: 201, freedElsewhere: 0 });
        await unload(host, handle);
      });
    });

    test("strings that are not taken, and what is unloaded as soon as it is loaded", async () => {
      const most = ["--max-message-bytes=1000"];
      await inItsHands(async (host) => {
        const handle = await host.load("counts-frees", { sandbox });
        for (const what of ["answer_null", "answer_long", "answer_latin1", "answer_empty"])
          expect((await call(host, handle, what)).error?.data.kind).toBe("INVALID_RESULT");
        await unload(host, handle);
        for (const name of ["counter", "parallel"]) await unload(host, await host.load(name, { sandbox }));
      }, most);
    });

    test.each([
      ["no-symbols", "SYMBOL_MISSING"],
      ["version-2", "ABI_MISMATCH"],
      ["undefined-symbol", "LIBRARY_LOAD_FAILED"],
      ["metadata-null", "INVALID_METADATA"],
      ["metadata-huge", "INVALID_METADATA"],
      ["metadata-incomplete", "INVALID_METADATA"],
    ])("%s: %s", async (name, kind) => {
      await inItsHands(async (host) => {
        const { data } = await host.error("plugin/load", { path: plugin(name), sandbox });
        expect(data.kind).toBe(kind); // a report would be a crash
      });
    });
  },
);

test.each(compilers)("what %s finds is seen", async (compiler) => {
  using watched = new Watched(
    compiler,
    everything,
    `#include <stdlib.h>
    __attribute__((constructor)) static void leak(void) { *(volatile char *)malloc(4321) = 1; }`,
  );
  await using host = new Host({ program: watched.command });
  await host.result("initialize", { notifications: ["log", "exited"] });
  const handle = await host.load("counter", { sandbox: { profile: "none" } });
  await host.result("plugin/unload", { handle });
  expect(await exited(host, handle)).toMatchObject({ exitCode: FOUND });
  const said = host.messages.filter(({ method }) => method === "plugin/log").map(({ params }) => params?.text);
  expect(said.join("")).toMatch(/LeakSanitizer: detected memory leaks.*4321 byte/s);
});
