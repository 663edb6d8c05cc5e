// What of a transcript is for one system, and how one that has nothing to show there is reported.

import { expect, test } from "vitest";
import { report } from "../../src/conformance/report/report-data.ts";
import { describeOutcome, describeSum } from "../../src/conformance/report/report-text.ts";
import { readTranscripts } from "../../src/conformance/transcript/format.ts";
import { onSystem, whyNotApplicable } from "../../src/conformance/transcript/variants.ts";
import { transcripts } from "../support/conformance.ts";

const read = (members: object) => {
  const [transcript] = readTranscripts("a file", {
    section: "s",
    transcripts: [{ name: "n", rules: ["L1"], steps: [{ close: "stdin" }], ...members }],
  }).transcripts;
  if (transcript === undefined) throw new Error("there is none");
  return transcript;
};
const link = { link: "a", to: "b" };

test("a step and an operation that are for other systems are left out", () => {
  const { files, steps } = onSystem(
    read({
      files: [{ on: ["linux", "darwin"], chmod: "a", mode: "755" }, { directory: "b" }],
      steps: [
        { close: "stdin" },
        { on: ["linux"], exit: { signal: "SIGKILL" } },
        { on: ["win32"], exit: { status: 3 } },
        {
          files: [
            { on: ["linux"], ...link },
            { on: ["win32"], remove: "b" },
          ],
        },
      ],
    }),
    "win32",
  );
  expect(files.map(({ kind }) => kind)).toEqual(["directory"]);
  expect(steps.map(({ action }) => action)).toEqual([
    { close: "stdin" },
    { exit: { status: 3 } },
    { files: [{ kind: "remove", action: { remove: "b" }, on: ["win32"] }] },
  ]);
});

test.each([
  { members: { notOn: { windows: "why" } }, says: "windows" },
  { members: { notOn: { win32: "" } }, says: "notOn.win32" },
  { members: { steps: [{ on: ["windows"], close: "stdin" }] }, says: "steps.0.on.0" },
  { members: { steps: [{ on: [], close: "stdin" }] }, says: "steps.0.on" },
  { members: { files: [{ on: "linux", remove: "a" }] }, says: "files.0.on" },
])("$members is refused", ({ members, says }) => {
  expect(() => read(members)).toThrow(says);
});

test("what has nothing to show on a system says why, and so does a link where there are none", () => {
  const posix = { system: "linux", noLinks: undefined };
  const windows = { system: "win32", noLinks: "no links (EPERM)" };
  const signal = read({ notOn: { win32: "no signals" } });
  expect([posix, windows].map((machine) => whyNotApplicable(signal, machine))).toEqual([undefined, "no signals"]);
  for (const members of [{ files: [link] }, { steps: [{ files: [link] }] }]) {
    const linked = read(members);
    expect([posix, windows].map((machine) => whyNotApplicable(linked, machine))).toEqual([
      undefined,
      "no links (EPERM)",
    ]);
  }
  expect(whyNotApplicable(read({}), windows)).toBeUndefined();
});

test("on every system every transcript has steps, or a reason", () => {
  const empty = ["linux", "darwin", "win32"].flatMap((system) =>
    transcripts.filter((each) => onSystem(each, system).steps.length === 0).map(({ name }) => ({ system, name })),
  );
  expect(empty).toEqual([]);
});

test("it is reported by name, with the reason, and counted", () => {
  const transcript = read({ notOn: { win32: "no <signals>" } });
  const outcome = { section: "s", transcript, milliseconds: 0, failure: undefined, notApplicable: "no <signals>" };
  expect(describeOutcome(outcome)).toBe("NOT APPLICABLE  s: n (L1), because no <signals>\n");
  expect(describeSum([outcome], 1000)).toBe("1 transcripts in 1.0 s: 0 passed, 0 failed, 1 not applicable\n");
  expect(JSON.parse(report("json", [outcome], 0))).toMatchObject({
    passed: 0,
    failed: 0,
    notApplicable: 1,
    outcomes: [{ name: "n", passed: null, notApplicable: "no <signals>" }],
  });
  const junit = report("junit", [outcome], 0);
  expect(junit).toContain('tests="1" failures="0" skipped="1"');
  expect(junit).toContain('<skipped message="no &lt;signals&gt;"></skipped>');
});
