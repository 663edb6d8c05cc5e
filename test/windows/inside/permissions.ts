// T3 by access control lists: who else may write somewhere. Wine keeps of a list what permission bits can say, so nothing is
// inherited there, and the list of no file is missing.

import assert from "node:assert/strict";
import { closeSync, mkdirSync, openSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { changeableByOthers, foreignOwner, wayWritableByOthers, writableByOthers } from "#platform/files/permissions";
import { setAccess } from "./security.ts";

const place = "Z:\\work\\scratch\\permissions";
const everything = "D:P(A;;FA;;;WD)";
const reading = "D:P(A;;FA;;;BA)(A;;FRFX;;;WD)";

function made(name: string, list?: string): string {
  const path = join(place, name);
  mkdirSync(path, { recursive: true });
  if (list !== undefined) setAccess(path, list);
  return path;
}

test("nobody else writes to what was just made, nor to what is Windows's own, nor to what is not there", () => {
  for (const path of [
    made("own"),
    "C:\\",
    "C:\\windows\\system32",
    "C:\\windows\\system32\\kernel32.dll",
    `${place}\\no`,
  ])
    assert.deepEqual(
      [writableByOthers(path), wayWritableByOthers(path), foreignOwner(path)],
      [undefined, undefined, undefined],
    );
});

test("a directory and a file that everyone may write to are told, with what ends it", () => {
  const directory = made("open", everything);
  const file = join(made("holder"), "library.dll");
  writeFileSync(file, "");
  setAccess(file, everything);
  for (const path of [directory, file]) {
    const expected = {
      found: "may be written to by Everyone",
      remedy: `icacls "${path}" /inheritance:d /remove:g *S-1-1-0`,
    };
    assert.deepEqual(writableByOthers(path), expected);
    assert.deepEqual(wayWritableByOthers(path), expected);
  }
});

test("so is an open file, whatever has its name by then", () => {
  const [open, shut] = ["open.json", "shut.json"].map((name) => join(made("opened"), name)) as [string, string];
  for (const path of [open, shut]) writeFileSync(path, "");
  setAccess(open, everything);
  const found = (path: string) => {
    const descriptor = openSync(path, "r");
    renameSync(path, `${path}.old`);
    writeFileSync(path, "");
    try {
      return changeableByOthers(descriptor, path)?.found;
    } finally {
      closeSync(descriptor);
    }
  };
  assert.deepEqual([open, shut].map(found), ["may be written to by Everyone", undefined]);
});

test("what everyone may read is not told", () => {
  assert.equal(writableByOthers(made("readable", reading)), undefined);
});

test("a path of more than 300 characters is looked at as well", () => {
  const path = made(`${"n".repeat(150)}\\${"m".repeat(150)}`, everything);
  assert.match(String(writableByOthers(path)?.found), /Everyone/);
});
