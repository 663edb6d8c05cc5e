// What is said of a plugin on Windows that is not confined in all that was asked for; that it is, is tried in Wine.

import { expect, test } from "vitest";
import { windowsGaps, windowsLayers, windowsOrders } from "../../../src/sandbox/portable/windows.ts";
import { type Confinement, unconfined } from "../../../src/sandbox-policy/policy.ts";

const standard: Confinement = { ...unconfined, profile: "standard", network: false, exec: false, gpu: false };
const all = { layers: windowsLayers, missing: {} };
const container = (unenforced: string) => ({
  layer: "app-container",
  unenforced,
  reason: "dlrpc starts plugins in none",
});

test("S30: nothing keeps a plugin from the network, nor `strict` from reading", () => {
  expect(windowsGaps(standard, all)).toEqual([container("the network")]);
  expect(windowsGaps({ ...standard, profile: "strict" }, all)).toEqual([container("what is read and the network")]);
  expect(windowsGaps({ ...standard, profile: "strict", network: true }, all)).toEqual([container("what is read")]);
  expect(windowsGaps({ ...standard, network: true }, all)).toEqual([]);
  expect(windowsGaps(unconfined, { layers: [], missing: {} })).toEqual([]);
});

test("S30: a layer that is missing is named, with the reason and what is not enforced without it", () => {
  const report = { layers: ["job", "mitigations"], missing: { "job-ui": "SetInformationJobObject: error 5: Denied" } };
  expect(windowsGaps({ ...standard, network: true }, report)).toEqual([
    {
      layer: "job-ui",
      unenforced: "that the clipboard, windows of other programs and the session are left alone",
      reason: "SetInformationJobObject: error 5: Denied",
    },
    {
      layer: "low-integrity",
      unenforced: "what is written, and that other programs are left alone",
      reason: "not there",
    },
  ]);
});

test("the worker is ordered to give up what was not granted", () => {
  const orders = (exec: boolean, isLow: boolean) =>
    windowsOrders({ exec }, isLow).map(({ kind, payload }) =>
      [kind, ...new BigUint64Array(payload.buffer)].map(Number),
    );
  const [extensionPoints, remoteImages, childProcesses, low] = [
    [16, 6, 1],
    [16, 10, 1],
    [16, 13, 1],
    [17, 0x1000],
  ];
  expect(orders(false, true)).toEqual([extensionPoints, remoteImages, childProcesses, low]);
  expect(orders(true, false)).toEqual([extensionPoints, remoteImages]);
});
