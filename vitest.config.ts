import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "layering", include: ["test/layering.test.ts"] } },
      {
        test: {
          name: "program",
          include: ["test/**/*.test.ts"],
          exclude: ["test/layering.test.ts"],
          globalSetup: "test/support/build.ts",
          testTimeout: 30_000,
          expect: { poll: { timeout: 20_000 } }, // a machine may be busy; what never comes is told from what is late
        },
      },
    ],
  },
});
