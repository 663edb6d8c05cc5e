// The document takes the params that the program takes, and refuses those that it refuses.

import { describe, expect, test } from "vitest";
import { Host } from "../support/host.ts";
import { mistakes, paramsCheck, requests } from "./document.ts";

/** Params that are in order, with nothing that need not be there. */
const least: Record<string, Record<string, unknown>> = {
  "plugin/validate": { path: "/nonexistent" },
  "plugin/load": { path: "/nonexistent" },
  "plugin/metadata": { handle: "none" },
  "plugin/execute": { handle: "none" },
  "plugin/reload": { handle: "none" },
  "plugin/unload": { handle: "none" },
};

const integrity = `sha256-${"A".repeat(43)}=`;
const values: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 1.5, 1000, 2 ** 31 - 1, 2 ** 31, 1e300],
  ...[
    "",
    "1",
    "a",
    "a-plugin_1.0",
    "-a",
    "a/b",
    "ü",
    "process",
    "inline",
    "log",
    "none",
    "strict",
    integrity,
    "sha256-",
  ],
  ...[[], ["a"], [""], [1], [null], ["log", "exited"], [[]], {}, { a: 1 }, { name: "a" }, { name: "a", version: 1 }],
];
const sandboxes = ["profile", "network", "exec", "gpu", "read", "write", "memoryMb", "require", "memory"].flatMap(
  (member) => values.map((value) => ({ [member]: value })),
);

/** Where the program is more exact than JSON Schema: one of two members, paths that there are. */
function isFiner(method: string, params: Record<string, unknown>): boolean {
  const { read, write } = (params.sandbox ?? {}) as { read?: unknown; write?: unknown };
  if ([read, write].flat().some((path) => typeof path === "string" && path !== "")) return true;
  return method === "plugin/load" && ("path" in params ? "name" in params : !("name" in params));
}

describe("M4: the document takes what the program takes", () => {
  test.each(requests.filter(({ name }) => name !== "shutdown"))("$name", async (method) => {
    await using host = new Host();
    const check = paramsCheck(method);
    const base = least[method.name] ?? {};
    const tried = [base, {}, { ...base, unknown: 1 }];
    for (const { name } of method.params) {
      const { path, ...others } = base;
      const around = name === "name" ? others : base;
      for (const value of name === "sandbox" ? [...values, ...sandboxes] : values)
        tried.push({ ...around, [name]: value });
    }
    const wrong: unknown[] = [];
    for (const params of tried.filter((params) => !isFiner(method.name, params))) {
      const { error } = await host.request(method.name, params);
      const refused = error?.data.kind === "INVALID_PARAMS";
      const found = mistakes(check, params);
      if (refused !== found.length > 0) wrong.push({ params, refused, found });
    }
    expect(wrong).toEqual([]);
  });
});
