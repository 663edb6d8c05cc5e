// SPEC.md agrees with the program where that can be compared: rules, options, links.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CONTRACT_VERSION } from "../../protocol/fast-path.ts";
import { ExecuteParams, InitializeParams, LoadParams } from "../../protocol/messages.ts";
import { hostNotifications, methods, notifications } from "../../protocol/methods.ts";
import { InitializeResult, ListedPlugin, LoadResult } from "../../protocol/results.ts";
import { Sandbox } from "../../protocol/sandbox.ts";
import { wanted, wantedNames } from "../../protocol/wanted.ts";
import { serveVerb } from "../../src/cli/serving/serve-verb.ts";
import { projectRoot } from "../support/paths.ts";
import { names, rules, spec, table } from "./spec.ts";

/** The rules of the first draft: these numbers are kept for good. There was an E10. */
const drafted = { W: 7, M: 9, L: 5, P: 3, E: 9, D: 1, T: 4, A: 7 };

function draftedRules(): string[] {
  return Object.entries(drafted).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, i) => `${letter}${i + 1}`),
  );
}

test("each rule has a number of its own; those of the first draft are there, and the others say that they were added", () => {
  const numbers = rules.map(({ number }) => number);
  expect(numbers.toSorted()).toEqual([...new Set(numbers)].toSorted());
  const first = rules.filter((rule) => !rule.added).map(({ number }) => number);
  expect(first.toSorted()).toEqual(draftedRules().toSorted());
});

test("the title bears the contract's version", () => {
  expect(spec.split("\n")[0]).toBe(`# The dlrpc protocol, version ${CONTRACT_VERSION}`);
});

test("every rule that is referred to exists", () => {
  const known = new Set(rules.map(({ number }) => number));
  const documents = ["SPEC.md", "openrpc.json", "vtcode_plugin.h", "dlrpc_plugin.h"];
  for (const document of documents) {
    const text = readFileSync(join(projectRoot, "protocol", document), "utf8").replaceAll(/"sha256-[^"]*"/g, "");
    const referredTo = [...text.matchAll(/\b([WMLPEDTANSX]\d+)\b/g)].map(([, number = ""]) => number);
    expect(referredTo.length).toBeGreaterThan(0);
    expect([document, referredTo.filter((number) => !known.has(number))]).toEqual([document, []]);
  }
});

test("the table of options is the command line's", () => {
  const rows = table("option", "meaning", "default").map(([option = ""]) => names(option)[0]);
  const known = Object.entries(serveVerb.options).map(([name, option]) =>
    "value" in option ? `--${name} ${option.value}` : `--${name}`,
  );
  expect(rows.toSorted()).toEqual(known.toSorted());
});

test("each option says by which rule it does what it does", () => {
  const rows = table("option", "meaning", "default").filter(([, meaning = ""]) => !/\(.*\b[A-Z]\d+\)/.test(meaning));
  expect(rows.map(([option = ""]) => names(option)[0])).toEqual(["--log-level error|warn|info|debug"]); // for people only
});

test("a rule that an option cites names the option", () => {
  const texts = new Map(
    spec.split(/^(?=- \*\*|#)/m).map((text) => [/^- \*\*([A-Z]\d+)\*\*/.exec(text)?.[1], text] as const),
  );
  const unnamed = table("option", "meaning", "default").filter(([option = "", meaning = ""]) => {
    const [name = ""] = (names(option)[0] ?? "").split(" ");
    const cited = [...meaning.matchAll(/\b[A-Z]\d+\b/g)].map(([number]) => texts.get(number) ?? "");
    return cited.length > 0 && !cited.some((text) => text.includes(`\`${name}`));
  });
  expect(unnamed).toEqual([]);
});

test("the tables of methods and notifications name all of them, with all their params", () => {
  const rows = [
    ...table("method", "params", "result"),
    ...table("notification of the host", "params", "meaning"),
    ...table("notification of dlrpc", "params", "wanted as"),
  ].map(([name = "", params = ""]) => [names(name)[0], names(params).flatMap((text) => text.match(/\w+/g) ?? [])]);
  const known = Object.entries({ ...methods, ...hostNotifications, ...notifications }).map(([name, { params }]) => [
    name,
    name === "initialize" ? [] : Object.keys(params.def.shape), // they have a table of their own
  ]);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(known));
});

test("each method has rules, where its name stands", () => {
  const told = [...spec.matchAll(/^(?:- \*\*|### )[\s\S]*?(?=\n- |\n\n)/gm)].map(([text]) => text).join("\n");
  expect(Object.keys(methods).filter((name) => !names(told).includes(name) && !told.includes(`### ${name}`))).toEqual(
    [],
  );
});

test("what a host can want to be told has its names in the tables, and in what each notification says of itself", () => {
  const told = table("notification of dlrpc", "params", "wanted as");
  expect(Object.fromEntries(told.map(([name = "", , as = ""]) => [names(as)[0], names(name)[0]]))).toEqual(wanted);
  const member = table("member", "type", "meaning").find(([name]) => name === "`notifications`");
  expect(names(member?.[1] ?? "").map((name) => JSON.parse(name))).toEqual(wantedNames);
  for (const name of wantedNames) {
    expect(notifications[wanted[name]].description).toMatch(new RegExp(`^Wanted as \`${name}\``));
  }
});

test("the tables of members hold all members", () => {
  const schemas = [InitializeParams, InitializeResult, LoadParams, LoadResult, ExecuteParams, ListedPlugin, Sandbox];
  const members = schemas.map(({ def }) => Object.keys(def.shape).toSorted());
  expect(memberTables().map((table) => table.toSorted())).toEqual(members);
});

/** The names in the first columns of the tables of members, in their order. */
function memberTables(): string[][] {
  const tables = spec.split("\n\n").filter((part) => /^\s*\| member( of [a-z ]+)? \| type \| meaning \|/.test(part));
  return tables.map((table) =>
    names(
      table
        .split("\n")
        .map((row) => row.split("|")[1] ?? "")
        .join(" "),
    ),
  );
}

test("links lead somewhere", () => {
  const anchors = [...spec.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, "")
      .replaceAll(" ", "-"),
  );
  for (const [, target = ""] of spec.matchAll(/\]\(([^)]+)\)/g)) {
    if (target.startsWith("#")) expect(anchors).toContain(target.slice(1));
    else expect([target, existsSync(join(projectRoot, "protocol", target))]).toEqual([target, true]);
  }
});
