// native/host-table.h has the same table as protocol/dlrpc_plugin.h, from which plugins are compiled.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../support/paths.ts";

const read = (...path: string[]) => readFileSync(join(projectRoot, ...path), "utf8");

function membersOf(header: string, structure: string): string[] {
  const withoutComments = header.replaceAll(/\/\*.*?\*\//gs, "");
  const body = new RegExp(`^struct ${structure} \\{(.*?)\\};`, "ms").exec(withoutComments)?.[1] ?? "";
  const declarations = body.split(";").map((text) => text.trim().replaceAll(/\s+/g, " "));
  return declarations.filter((text) => text !== "").map((text) => text.replaceAll("dlrpc_call", "uint64_t"));
}

test("members, types and order are the same", () => {
  const ours = membersOf(read("native", "host-table.h"), "host_table");
  expect(ours.length).toBe(8);
  expect(ours).toEqual(membersOf(read("protocol", "dlrpc_plugin.h"), "dlrpc_host"));
});

test("its levels are those of the log", async () => {
  const { logLevels } = await import("../../src/observe/log.ts");
  const levels = [...read("protocol", "dlrpc_plugin.h").matchAll(/DLRPC_(ERROR|WARN|INFO|DEBUG) = (\d)/g)];
  expect(levels.map(([, name, number]) => [name?.toLowerCase(), Number(number)])).toEqual(
    logLevels.map((name, index) => [name, index + 1]),
  );
});

test.each([
  ["c", "-std=c11"],
  ["c", "-std=c99"],
])("the header is plain %s (%s), with and without the implementation", (language, standard) => {
  for (const text of ["", "#define DLRPC_PLUGIN_IMPLEMENTATION\n"]) {
    const flags = [standard, "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", language, "-"];
    const input = `${text}#include "dlrpc_plugin.h"\n`;
    execFileSync(process.env.CC ?? "cc", ["-I", join(projectRoot, "protocol"), ...flags], { input });
  }
});
