// Plugins as their authors build them: of the templates of `dlrpc new`, and in C++ with what its runtime does by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FLAGS_BYTES, FLAGS_OFFSET, FrameKind, WANTED_OFFSET, Wanted } from "../../../native/frames/frames.ts";
import { pluginPath, WindowsWorker } from "./windows-worker.ts";

const context = '{"input":{"text":"größe 名前"},"workspace_root":"C:\\\\a b","config":{"depth":2}}';

for (const language of ["c", "cpp", "go"]) {
  test(`the template for ${language} loads, answers with what it was given, tells of progress, and unloads in order`, async () => {
    await using worker = new WindowsWorker();
    const { name, abi_version } = JSON.parse(await worker.load(pluginPath(`new-${language}`)));
    assert.deepEqual([name, abi_version], [`new-${language}`, 1]);
    for (const call of [1, 2]) {
      worker.words[(FLAGS_OFFSET + call * FLAGS_BYTES + WANTED_OFFSET) / Int32Array.BYTES_PER_ELEMENT] =
        Wanted.wantsProgress;
      worker.execute(call, context);
      await worker.expect(FrameKind.progress);
      const answer = JSON.parse(String(await worker.expect(FrameKind.result)));
      assert.deepEqual(answer, { success: true, output: JSON.parse(context), error: null, files: [] });
    }
    assert.equal(await worker.finish(), 0);
    assert.equal(await worker.stderr.all(), "");
  });
}

test("exceptions, thread-local and static objects of a library in C++ are as in any program", async () => {
  await using worker = new WindowsWorker();
  await worker.load(pluginPath("unwinding"));
  for (const call of [1, 2]) {
    worker.execute(call, "{}");
    const { output } = JSON.parse(String(await worker.expect(FrameKind.result)));
    assert.deepEqual(output, { caught: "thrown", by_exception: 3, by_thread: 1, static: "made at the start" });
  }
  assert.equal(await worker.finish(), 0);
});
