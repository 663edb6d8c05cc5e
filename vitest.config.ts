import { defineConfig } from "vitest/config";
import { lacksAnyForPackaging } from "./fixtures/tools.ts";
import { SlowLast } from "./test/support/stages.ts";

/** What the host sees, and plugins that do it harm: none of these asks how Linux confines. */
const onPortableHalf = [
  "test/conformance/program.slow.test.ts",
  "test/containment/hostile.test.ts",
  "test/server/end-of-input.test.ts",
];

export default defineConfig({
  test: {
    maxWorkers: "100%", // tests wait for processes more than they compute
    isolate: false, // a process for each file takes a tenth of the time, and no file changes what another one has
    sequence: { sequencer: SlowLast },
    reporters: ["default", "./test/support/stages.ts"],
    projects: [
      { test: { name: "layering", include: ["test/layering.test.ts"] } },
      {
        test: {
          name: "program",
          include: ["test/**/*.test.ts"],
          // The hostile corpus in Wine takes minutes: a release runs it on Windows itself (test/windows/on-windows.ps1).
          exclude: ["test/layering.test.ts", "test/packaging/**", "test/windows/hostile.test.ts", "**/node_modules/**"],
          globalSetup: "test/support/build.ts",
          testTimeout: 60_000, // a machine may be busy; what hangs is told from what is late
          expect: { poll: { timeout: 40_000 } },
        },
      },
      {
        test: {
          name: "portable", // what Windows and macOS have, as far as it runs here
          include: onPortableHalf,
          env: { DLRPC_TEST_HALF: "portable" },
          globalSetup: "test/support/build.ts",
          testTimeout: 60_000,
          expect: { poll: { timeout: 40_000 } },
        },
      },
      {
        test: {
          name: "packaging",
          include: lacksAnyForPackaging() ? [] : ["test/packaging/*.test.ts"],
          globalSetup: lacksAnyForPackaging() ? [] : ["test/support/build.ts", "test/packaging/build.ts"],
          setupFiles: "test/packaging/setup.ts",
          testTimeout: 120_000,
          sequence: { groupOrder: 1 }, // behind all others
          fileParallelism: false, // an emulated worker must start in time, beside nothing else
        },
      },
    ],
  },
});
