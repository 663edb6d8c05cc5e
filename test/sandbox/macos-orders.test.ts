// What a worker on macOS is ordered to do to itself, and what is told of it.

import { expect, test } from "vitest";
import { type Confinement, unconfined } from "../../src/confinement/policy.ts";
import { Reporter } from "../../src/confinement/report.ts";
import { bytesOf, OrderKind, report } from "../../src/sandbox/orders.ts";
import { sandboxProfile } from "../../src/sandbox/portable/macos.ts";
import { macosLayers, macosOrders } from "../../src/sandbox/portable/macos-orders.ts";

const standard: Confinement = { ...unconfined, profile: "standard", network: false, exec: false, gpu: false };
const places = { read: [], write: [], temporary: "/tmp/x", libraries: undefined, certificates: [] };
const ENOENT = 2;

test("limits come first, then the profile, which ends with a NUL as C has it", () => {
  const orders = macosOrders(standard, places, new Reporter());
  expect(orders.map(({ kind }) => kind)).toEqual([
    OrderKind.limit,
    OrderKind.limit,
    OrderKind.limit,
    OrderKind.sandbox,
  ]);
  const bytes = bytesOf(orders);
  const text = sandboxProfile(standard, places);
  const at = bytes.indexOf("(version 1)");
  expect(bytes.subarray(at, at + text.length + 1).toString()).toBe(`${text}\0`);
  expect(bytes.readUInt32LE(at - 8)).toBe(OrderKind.sandbox);
  expect(bytes.length % 8).toBe(0);
});

test("each layer is told by what the worker answers", () => {
  const [succeeded, failed] = [0, ENOENT].map((result) => {
    const reporter = new Reporter();
    const orders = macosOrders(standard, places, reporter);
    report(orders, Buffer.from(Int32Array.from(orders, (_, i) => (i === 3 ? result : 0)).buffer), reporter);
    return reporter;
  });
  expect(succeeded?.layers.sort()).toEqual(Object.keys(macosLayers).sort());
  expect(succeeded?.missing).toEqual({});
  expect(failed?.layers).toEqual(["limits"]);
  const why = "sandbox_init: ENOENT";
  expect(failed?.missing).toEqual({ "sandbox-files": why, "sandbox-network": why, "sandbox-exec": why });
});

test("what cannot be said in a profile is no profile, and said", () => {
  const reporter = new Reporter();
  const orders = macosOrders(standard, { ...places, temporary: "x" }, reporter);
  expect(orders.map(({ kind }) => kind)).not.toContain(OrderKind.sandbox);
  expect(reporter.missing["sandbox-files"]).toBe('"x" is no absolute path, which a sandbox profile needs');
});
