// What a worker on macOS is ordered to do to itself, and what is told of it.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { OrderKind } from "../../../native/frames/frames.ts";
import { bytesOf } from "../../../src/sandbox/orders.ts";
import { confineOnMacos, macosGaps, macosLayers, macosOrders } from "../../../src/sandbox/portable/macos.ts";
import { type Grant, openGrant } from "../../../src/sandbox-policy/grants.ts";
import { type Confinement, unconfined } from "../../../src/sandbox-policy/policy.ts";
import { Reporter } from "../../../src/sandbox-policy/report.ts";

const directory = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-macos-")));
writeFileSync(join(directory, "notes.txt"), "");
const grant: Grant = openGrant(directory, "as the host calls it");
const file: Grant = openGrant(join(directory, "notes.txt"));
afterAll(() => {
  grant[Symbol.dispose]();
  file[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

const withheld = { network: false, exec: false, gpu: false, memoryMb: 64 };
const strict: Confinement = { ...unconfined, ...withheld, profile: "strict", write: [file] };
const options = { confinement: strict, temporary: "/var/folders/x", libraries: undefined, directory: grant };

/** A worker that answers this. */
const answering = (results: (kinds: number[]) => number[]) => ({
  order(orders: Buffer): Promise<Buffer> {
    const kinds: number[] = [];
    for (let at = 0; at < orders.length; at += 8 + Math.ceil(orders.readUInt32LE(at + 4) / 8) * 8)
      kinds.push(orders.readUInt32LE(at));
    return Promise.resolve(Buffer.from(Int32Array.from(results(kinds)).buffer));
  },
});

test("limits come first, then the profile, which ends with a NUL as C has it", () => {
  const orders = macosOrders(options, new Reporter());
  const { limit, sandbox } = OrderKind;
  expect(orders.map(({ kind }) => kind)).toEqual([limit, limit, limit, sandbox]);
  const text = orders.at(-1)?.payload.toString() ?? "";
  expect(text.startsWith("(version 1)\n") && text.endsWith(")\n\0")).toBe(true);
  expect(text.indexOf("\0")).toBe(text.length - 1);
  expect(bytesOf(orders).includes(text)).toBe(true);
});

test("a grant is the place that it was when it was granted, by its own name", () => {
  const text = macosOrders(options, new Reporter()).at(-1)?.payload.toString();
  expect(text).toContain(`(literal "${directory.replace(/^\/tmp\//, "/private/tmp/")}/notes.txt")`);
  expect(text).toContain(`(subpath "${directory.replace(/^\/tmp\//, "/private/tmp/")}")`);
  expect(text).not.toContain("as the host calls it");
});

test("S31: each layer is told by what the worker answers", async () => {
  const all = await confineOnMacos(
    options,
    answering((kinds) => kinds.map(() => 0)),
  );
  expect(all).toEqual({ layers: macosLayers, missing: {} });
  expect(macosGaps(strict, all)).toEqual([]);

  const EPERM = 1;
  const without = await confineOnMacos(
    options,
    answering((kinds) => kinds.map((kind) => (kind === OrderKind.sandbox ? EPERM : 0))),
  );
  expect(without.layers).toEqual(["limits"]);
  const reason = "sandbox_init: EPERM";
  expect(macosGaps(strict, without)).toEqual([
    { layer: "sandbox-files", unenforced: "what is read and written", reason },
    { layer: "sandbox-network", unenforced: "the network", reason },
    { layer: "sandbox-exec", unenforced: "new processes, signals, tracing", reason },
  ]);
  expect(macosGaps(unconfined, without)).toEqual([]);
});

test("what cannot be said in a profile is none, and missing with the reason", async () => {
  const report = await confineOnMacos(
    { ...options, temporary: "x" },
    answering((kinds) => kinds.map(() => 0)),
  );
  expect(report.layers).toEqual(["limits"]);
  expect(report.missing["sandbox-files"]).toBe('"x" is no absolute path, which a sandbox profile needs');
});
