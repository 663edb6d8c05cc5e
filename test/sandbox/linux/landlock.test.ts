// S1, S17: what each version of Landlock's interface is asked for: numbers as linux/landlock.h has them. Which versions can be
// tried is the system's to say (layers.test.ts); one that is asked for what it does not know confines nobody.

import { closeSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { landlockRuleset, landlockVersion } from "../../../src/platform/linux/kernel/landlock.ts";
import {
  handledRights,
  landlockLayers,
  landlockOf,
  restrictingFlags,
} from "../../../src/sandbox/linux/rules/landlock.ts";

/** By version: the last bit of the rights on files, those on the network, scopes, flags of landlock_restrict_self(2). */
const interfaces: readonly [version: number, files: number, network: number, scope: number, flags: number][] = [
  [1, 12, 0, 0, 0],
  [2, 13, 0, 0, 0],
  [3, 14, 0, 0, 0],
  [4, 14, 0b0011, 0, 0],
  [5, 15, 0b0011, 0, 0],
  [6, 15, 0b0011, 0b11, 0],
  [7, 15, 0b0011, 0b11, 0b0010],
  [8, 15, 0b0011, 0b11, 0b1010],
  [9, 16, 0b0011, 0b11, 0b1010],
  [10, 16, 0b1111, 0b11, 0b1010],
];
const newest = interfaces.at(-1)?.[0] ?? 0;

describe("S17: Landlock", () => {
  test.each(interfaces)(
    "%i is asked for all that it knows, and for nothing more",
    (version, last, network, scope, flags) => {
      const layers = landlockOf(version);
      expect(handledRights(layers, version)).toEqual({ files: 2 ** (last + 1) - 1, network, scope });
      expect(restrictingFlags(layers)).toBe(flags);
    },
  );

  test("each layer comes with a version, and a version newer than those known is as the last one", () => {
    expect(Object.values(landlockLayers)).toEqual(Object.values(landlockLayers).toSorted((one, other) => one - other));
    expect(landlockOf(newest)).toEqual(Object.keys(landlockLayers));
    expect(landlockOf(newest + 1)).toEqual(landlockOf(newest));
  });

  test("this system's version takes what it is asked for, and no more than that", () => {
    const version = Math.min(landlockVersion(), newest);
    const rights = handledRights(landlockOf(version), version);
    closeSync(landlockRuleset(rights));
    if (landlockVersion() > newest) return;
    const { files, network, scope } = rights;
    expect(() => landlockRuleset({ ...rights, files: 2 * files + 1 })).toThrow("EINVAL");
    expect(() => landlockRuleset({ ...rights, network: 4 * network + 3 })).toThrow("EINVAL");
    expect(() => landlockRuleset({ ...rights, scope: 2 * scope + 1 })).toThrow("EINVAL");
  });
});
