// Workers that only their own system compiles are packed from a directory, and where there is none the error says what to do.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildWorkers, workerFiles } from "../../packaging/worker.ts";

test.each([
  ["macos-arm64", "macOS"],
  ["windows-arm64", "Windows on arm64"],
])("%s", (name, where) => {
  const directory = mkdtempSync(join(tmpdir(), "dlrpc-workers-"));
  try {
    const asked = () => workerFiles(name, directory)[`workers/${name}`];
    expect(() => workerFiles(name)).toThrow(
      `the worker for ${name} is compiled on ${where} only, and no --workers DIRECTORY was given`,
    );
    expect(asked).toThrow(`is compiled on ${where} only, and ${join(directory, name)} is not there; \`npm run build\``);
    expect(() => buildWorkers(directory)).toThrow("is not there");
    writeFileSync(join(directory, name), "a worker");
    expect(asked()).toBe(join(directory, name));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
