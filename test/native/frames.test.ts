// The frame protocol is the same in C, in TypeScript and in its tables: every number, every name, the size of every structure.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as frames from "../../native/frames/frames.ts";
import { requiredSymbols } from "../../protocol/abi-symbols.ts";
import { projectRoot } from "../support/paths.ts";

type Numbers = Record<string, number>;

const withoutComments = (text: string) => text.replaceAll(/\/\*.*?\*\//gs, "");
const directory = join(projectRoot, "native", "frames");
const header = withoutComments(readFileSync(join(directory, "frames.h"), "utf8"));
const page = readFileSync(join(directory, "README.md"), "utf8");

/** The constants of each enum by its name; those of all that have none under "". */
const enums: Record<string, Numbers> = {};
for (const [, name = "", body = ""] of header.matchAll(/^enum (\w*) ?\{(.*?)\};/gms)) {
  for (const [, constant = "", value] of body.matchAll(/(\w+)\s*(?:=\s*(-?\w+))?\s*(?:,|$)/g)) {
    enums[name] = { ...enums[name], [constant]: Number(value) };
  }
}

const BYTES: Numbers = { uint32_t: 4, int32_t: 4, uint64_t: 8, double: 8 };
/** Where each member of each structure begins, and where it ends: they are laid out without gaps. */
const structures: Record<string, Numbers> = {};
for (const [, name = "", body = ""] of header.matchAll(/^struct (\w+) \{(.*?)\};/gms)) {
  const offsets: Numbers = {};
  let at = 0;
  for (const [, type = "", member = ""] of body.matchAll(/(\w+) (\w+);/g)) {
    offsets[member] = at;
    at += BYTES[type] ?? Number.NaN;
  }
  structures[name] = { ...offsets, size: at };
}

/** FRAME_KIND, frame_kind → FrameKind. */
const pascalCase = (name: string) => name.toLowerCase().replaceAll(/(?:^|_)(\w)/g, (_, letter) => letter.toUpperCase());
const camelCase = (name: string) => pascalCase(name).replace(/^./, (letter) => letter.toLowerCase());

const exported: Record<string, unknown> = { ...frames };

test("the header was understood: nothing in it but enums and structures, and every constant a number", () => {
  const rest = header.replaceAll(/^(?:enum|struct) \w* ?\{.*?\};/gms, "").replaceAll(/^#.*$/gm, "");
  expect(rest.trim()).toBe("");
  const values = Object.values(enums).flatMap((constants) => Object.values(constants));
  expect(values.length).toBeGreaterThan(20);
  expect(values.filter((value) => !Number.isInteger(value))).toEqual([]);
  expect(Object.values(structures).filter(({ size }) => !Number.isInteger(size) || Number(size) % 4 !== 0)).toEqual([]);
});

test("every enum has its counterpart, with the same names and numbers", () => {
  const { "": _, ...named } = enums;
  for (const [name, constants] of Object.entries(named)) {
    const expected = Object.fromEntries(Object.entries(constants).map(([key, value]) => [camelCase(key), value]));
    expect([name, exported[pascalCase(name)]]).toEqual([name, expected]);
  }
});

test("every other constant has its counterpart", () => {
  for (const [name, value] of Object.entries(enums[""] ?? {})) expect([name, exported[name]]).toEqual([name, value]);
});

test("and nothing is said in TypeScript that the header does not say", () => {
  const groups = Object.entries(exported).filter(([, value]) => typeof value === "object");
  expect(groups.map(([name]) => name).toSorted()).toEqual(
    Object.keys(enums)
      .filter((name) => name !== "")
      .map(pascalCase)
      .toSorted(),
  );
});

test.each([
  ["frame_kind", "FrameKind", "Frames"],
  ["order_kind", "OrderKind", "Orders"],
] as const)("the table of %s has what C and TypeScript have", (inC, inTypeScript, title) => {
  const [, section = ""] = new RegExp(`^## ${title}$(.*?)(?=^## )`, "ms").exec(page) ?? [];
  const rows = [...section.matchAll(/^\| `(\w+)` \| `(\w+)` \| (\d+) \|/gm)];
  expect(Object.fromEntries(rows.map(([, name, , value]) => [name, Number(value)]))).toEqual(enums[inC]);
  expect(Object.fromEntries(rows.map(([, , name, value]) => [name, Number(value)]))).toEqual(exported[inTypeScript]);
});

test("structures have the sizes, and their members the places, that TypeScript reckons with", () => {
  const { frame_header: frame, failure, order, call_flags, report, crash, shared_buffer } = structures;
  expect(frame).toEqual({ length: 0, call: frames.CALL_OFFSET, kind: frames.KIND_OFFSET, size: frames.HEADER_BYTES });
  expect(failure).toEqual({ reason: 0, value: frames.FAILURE_VALUE_OFFSET, size: frames.FAILURE_TEXT_OFFSET });
  expect(order).toMatchObject({ kind: 0, size: frames.ORDER_HEADER_BYTES });
  expect(call_flags).toMatchObject({
    stop: 0,
    wanted: frames.WANTED_OFFSET,
    timeout_ms: frames.TIMEOUT_OFFSET,
    size: frames.FLAGS_BYTES,
  });
  expect(report).toMatchObject({
    told: 0,
    revision: frames.REVISION_OFFSET,
    length: frames.LENGTH_OFFSET,
    read: frames.READ_OFFSET,
    done: frames.DONE_OFFSET,
    total: frames.TOTAL_OFFSET,
    size: frames.MESSAGE_OFFSET,
  });
  expect(frames.FLAGS_OFFSET).toBe(frames.CONTROL_BLOCK_CALLS * 4);
  expect(frames.REPORTS_OFFSET).toBe(frames.FLAGS_OFFSET + frames.CONTROL_BLOCK_CALLS * frames.FLAGS_BYTES);
  expect(frames.CRASH_OFFSET).toBe(frames.REPORTS_OFFSET + frames.CONTROL_BLOCK_CALLS * frames.REPORT_BYTES);
  expect(crash).toEqual({
    signal: 0,
    code: frames.CRASH_CODE_OFFSET,
    address: frames.CRASH_ADDRESS_OFFSET,
    stack_start: frames.CRASH_STACK_START_OFFSET,
    stack_length: frames.CRASH_STACK_LENGTH_OFFSET,
    maps_length: frames.CRASH_MAPS_LENGTH_OFFSET,
    unused: 32,
    size: frames.CRASH_REGISTERS_OFFSET - frames.CRASH_OFFSET,
  });
  expect(frames.CRASH_REGISTERS_OFFSET + frames.CRASH_REGISTERS * 8).toBeLessThan(frames.SHARED_BUFFER_OFFSET);
  expect(shared_buffer).toEqual({ state: 0, pages_end: frames.PAGES_END_OFFSET, size: 8 });
  expect(frames.SHARED_BUFFER_OFFSET + 8).toBeLessThan(frames.CRASH_STACK_OFFSET);
  expect(frames.CRASH_MAPS_OFFSET).toBe(frames.CRASH_STACK_OFFSET + frames.CRASH_STACK_BYTES);
  expect(frames.CONTROL_BLOCK_BYTES).toBe(frames.CRASH_MAPS_OFFSET + frames.CRASH_MAPS_BYTES);
  expect(frames.BUFFER_OFFSET).toBeGreaterThanOrEqual(frames.CONTROL_BLOCK_BYTES);
  expect(frames.LEVEL_BYTES).toBe(BYTES.uint32_t);
  expect(frames.NO_RESULT_BYTES).toBe(BYTES.uint64_t);
});

test("symbols are missing by the bits of their places, as the worker's own list has them", () => {
  const source = withoutComments(readFileSync(join(projectRoot, "native", "plugin.c"), "utf8"));
  const resolved = [...source.matchAll(/plugin\.(\w+) = symbol_in\(library, "(\w+)"\)/g)];
  const optional = ["vtcode_plugin_free_string", "dlrpc_plugin_attach"];
  expect(resolved.map(([, , symbol]) => symbol)).toEqual([...requiredSymbols, ...optional]);
  const bits = [...source.matchAll(/\(plugin\.(\w+) == NULL\)(?: << (\d))?/g)].map(([, name, bit]) => [
    name,
    bit ?? "0",
  ]);
  expect(bits).toEqual(requiredSymbols.map((symbol, bit) => [symbol.replace("vtcode_plugin_", ""), String(bit)]));
});
