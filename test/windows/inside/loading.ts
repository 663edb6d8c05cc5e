// What the worker loads, from where, and what it says of what it does not load.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { FailureReason, FrameKind } from "../../../native/frames/frames.ts";
import { pluginPath, WindowsWorker } from "./windows-worker.ts";

/** @returns the path of a copy of a plugin */
function copyTo(name: string, path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(pluginPath(name), path);
  return path;
}

const scratch = "Z:\\work\\scratch";
/** Longer than what Windows takes without further ado, and each part of it as long as a name may be. */
const farAway = join(scratch, "n".repeat(150), "m".repeat(150), "actor.dll");

test("without orders it says hello with no results, and ends with status 0 and no word", async () => {
  await using worker = new WindowsWorker();
  worker.send(FrameKind.confine);
  assert.equal((await worker.expect(FrameKind.hello)).length, 0);
  assert.equal(await worker.finish(), 0);
  assert.equal((await worker.stdout.all()) + (await worker.stderr.all()), "");
});

for (const runtime of ["msvcrt", "ucrt"]) {
  test(`it loads a library of ${runtime}, which it unloads in order`, async () => {
    await using worker = new WindowsWorker();
    const metadata = `{"name":"actor","description":"by ${runtime}","version":"1.0.0"}`;
    assert.equal(await worker.load(pluginPath(`by-${runtime}`)), metadata);
    assert.equal(await worker.finish(), 0);
    assert.equal((await worker.stderr.all()).trim(), "detached");
  });
}

const places: Record<string, string> = {
  "with spaces": join(scratch, "a b  c", "actor.dll"),
  "with letters of many scripts": join(scratch, "größe-имя-名前-🙂", "äctör.dll"),
  "with slashes": join(scratch, "slashes", "actor.dll").replaceAll("\\", "/"),
  "of more than 300 characters": farAway,
  "of more than 300 characters, with slashes": farAway.replaceAll("\\", "/"),
  "of more than 300 characters, prefixed": `\\\\?\\${farAway}`,
};
for (const [what, path] of Object.entries(places)) {
  test(`it loads from a path ${what}`, async () => {
    await using worker = new WindowsWorker();
    assert.match(await worker.load(copyTo("by-ucrt", path)), /"by ucrt"/);
  });
}

test("what a library needs is found beside it, also far away", async () => {
  for (const directory of [join(scratch, "beside"), dirname(farAway)]) {
    copyTo("needed", join(directory, "needed.dll"));
    await using worker = new WindowsWorker();
    assert.match(await worker.load(copyTo("needs", join(directory, "needs.dll"))), /"by ucrt"/);
  }
});

/** Where whoever started dlrpc was, and a directory of PATH. */
function surroundings(): { cwd: string; env: NodeJS.ProcessEnv } {
  const [cwd, path] = [join(scratch, "cwd"), join(scratch, "path")];
  for (const directory of [cwd, path]) copyTo("needed", join(directory, "needed.dll"));
  copyTo("needed", join(cwd, "only-in-cwd.dll"));
  copyTo("needed", join(path, "only-in-path.dll"));
  return { cwd, env: { ...process.env, PATH: `${path};${process.env.PATH}` } };
}

test("what a library needs is not found in the working directory, nor by PATH", async () => {
  await using worker = new WindowsWorker(surroundings());
  const alone = copyTo("needs", join(scratch, "alone", "needs.dll"));
  const failure = await worker.failToLoad(alone);
  assert.equal(failure.reason, FailureReason.notOpened);
  assert.match(failure.text, /^error 126: \S.*\S$/);
});

test("nor is what it loads itself by a name alone", async () => {
  await using worker = new WindowsWorker(surroundings());
  await worker.load(pluginPath("by-ucrt"));
  for (const [call, what] of ["find cwd", "find path"].entries()) {
    worker.ask(call + 1, what);
    assert.equal(await worker.said(), "not found");
  }
});

/** By Windows's own numbers. */
const refused: Record<string, [error: number, path: () => string]> = {
  "that is not there": [126, () => join(scratch, "nothing.dll")],
  "that is a text": [
    193,
    () => write("text.dll", "This is a text, and long enough for more than one header of a program."),
  ],
  "that is empty": [193, () => write("empty.dll", "")],
  "that is cut off": [193, () => write("cut.dll", "MZ")],
  "for 32 bits": [193, () => pluginPath("i686")],
  "whose DllMain says no": [1114, () => pluginPath("fails-to-start")],
};
for (const [what, [error, path]] of Object.entries(refused)) {
  test(`it says with error ${error} that it does not load a library ${what}`, async () => {
    await using worker = new WindowsWorker();
    const { reason, text } = await worker.failToLoad(path());
    assert.equal(reason, FailureReason.notOpened);
    assert.match(text, new RegExp(`^error ${error}: \\S.*\\S$`));
    assert.equal(await worker.finish(), 0);
  });
}

function write(name: string, contents: string): string {
  mkdirSync(scratch, { recursive: true });
  writeFileSync(join(scratch, name), contents);
  return join(scratch, name);
}

test("it names what is missing or wrong in a library that has opened", async () => {
  const failures = {
    "no-exports": { reason: FailureReason.symbolsMissing, value: 7, text: "" },
    "other-version": { reason: FailureReason.otherVersion, value: 7, text: "" },
    "no-metadata": { reason: FailureReason.noMetadata, value: 0, text: "" },
  };
  for (const [name, failure] of Object.entries(failures)) {
    await using worker = new WindowsWorker();
    assert.deepEqual(await worker.failToLoad(pluginPath(name)), failure);
  }
});

test("a path that is not UTF-8 is refused", async () => {
  await using worker = new WindowsWorker();
  worker.send(FrameKind.load, 0, Buffer.from([0x5a, 0x3a, 0x5c, 0xff, 0xfe, 0]));
  assert.match(String((await worker.expect(FrameKind.failed)).subarray(16)), /^error 1113: /);
});

test("a library that hangs when it is loaded ends with the job", async () => {
  await using worker = new WindowsWorker();
  worker.send(FrameKind.load, 0, `${pluginPath("hangs-at-start")}\0`);
  await worker.stderr.has("attaching");
  worker.job[Symbol.dispose]();
  await worker.status();
});
