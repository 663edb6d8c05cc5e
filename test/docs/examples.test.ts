// What the pages of docs/ show works, where they have no test file of their own.

import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { refusals } from "../../fixtures/real/refused.ts";
import { realPlugins } from "../../fixtures/real.ts";
import { LoadParams } from "../../protocol/messages.ts";
import { Host } from "../support/host.ts";
import { layers } from "../support/layers.ts";
import { Page, Reader } from "../support/page.ts";
import { projectRoot } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";

/** A plugin `hello` in the reader's directory `plugins`. */
function giveHello(reader: Reader): void {
  using made = new PluginDirectory();
  const files = made.add("hello");
  for (const name of readdirSync(files)) reader.write(`plugins/hello/${name}`, readFileSync(join(files, name)));
}

test("docs/signing.md", async () => {
  using reader = new Reader();
  giveHello(reader);
  const [sign = "", demand = "", audit = ""] = new Page("docs/signing.md").code("sh");
  const signed = await reader.run(sign.replace("dlrpc keygen", "dlrpc keygen --no-password")); // there is no terminal to ask on
  expect(signed).toMatch(/sha256 of libhello\.so was added\n(.*\n)*.*plugins\/hello: signed with/);
  expect(JSON.parse(await reader.run(demand))).toMatchObject({ success: true });
  expect(JSON.parse(await reader.run(audit)).result.signature).toMatchObject({ keyId: expect.any(String) });
  const events = readFileSync(join(reader.path, "audit.log"), "utf8").trim().split("\n");
  expect(events.map((line) => JSON.parse(line).event)).toEqual(["load", "unload"]);
});

test("docs/progress.md", async () => {
  const page = new Page("docs/progress.md");
  using reader = new Reader();
  reader.copy(page);
  const [commands = ""] = page.code("sh");
  const printed = (await reader.run(commands.replace("cc ", "cc -Wall -Wextra -Werror "))).trim().split("\n");
  expect(printed.slice(0, -1)).toEqual(Array(100).fill('"a page"'));
  expect(JSON.parse(printed.at(-1) ?? "")).toMatchObject({ success: true, output: { pages: 100 } });

  await using host = new Host({ trust: [join(reader.path, "plugins")] });
  await host.result("initialize", { notifications: ["progress", "output", "log"] });
  const { handle } = await host.result("plugin/load", { name: "pages" });
  const { output } = await host.result("plugin/execute", { handle, progressToken: 1 });
  expect(output).toEqual({ pages: 100 });
  const pages = host.messages.filter(({ method }) => method === "plugin/output");
  expect(pages.map(({ params }) => params?.value)).toEqual(Array(100).fill("a page"));
  const told = host.messages.filter(({ method }) => method === "$/progress");
  const report = { kind: "report", percentage: 100, done: 100, total: 100, message: "Turning" };
  expect(told.at(-2)?.params).toEqual({ token: 1, value: report });
});

test("docs/languages.md", async () => {
  const page = new Page("docs/languages.md");
  using reader = new Reader();
  reader.copy(page);
  const [commands = ""] = page.code("sh");
  const printed = await reader.run(commands.replace("cc ", "cc -Wall -Wextra -Werror "));
  expect(JSON.parse(printed)).toMatchObject({ success: true, output: { message: "Hello!" } });
});

test("docs/crashes.md", async () => {
  const page = new Page("docs/crashes.md");
  using reader = new Reader();
  reader.copy(page);
  const [fall = "", record = ""] = page.code("sh");
  const failureOf = (commands: string) =>
    reader.run(commands).then(
      () => ({ code: 0, stderr: "it did not crash" }),
      (error: { code: number; stderr: string }) => error,
    );
  const { code, stderr } = await failureOf(fall.replace("cc ", "cc -Wall -Wextra -Werror "));
  expect(code).toBe(4);
  const lines = (text: string) => {
    const places = text.replaceAll(/0x[0-9a-f]{2,}/g, "0x…"); // which compilers choose
    return places.split("\n").filter((line) => !/^ {2}(?!at )/.test(line)); // nor does the hint matter
  };
  expect(lines(stderr)).toEqual(lines(page.code("text")[0] ?? ""));
  const [call = "", replay = ""] = record.trim().split("\n");
  expect(await failureOf(call)).toMatchObject({ code: 4 });
  await reader.run(replay);
});

test.each(["docs/gpu.md", "docs/confinement.md"])("%s: the request is one", (path) => {
  const requests = new Page(path).code("json").map((text) => JSON.parse(text));
  expect(requests).toHaveLength(1);
  for (const { method, params } of requests) {
    expect(method).toBe("plugin/load");
    expect(LoadParams.safeParse(params).success).toBe(true);
  }
});

test("docs/confinement.md: what is granted there is granted", async () => {
  using reader = new Reader();
  giveHello(reader);
  reader.write("data/file", "");
  const [request = ""] = new Page("docs/confinement.md").code("json");
  const named = request.replace(/"name":"hello"/, '"path":"plugins/hello"'); // its library has another name
  const answer = JSON.parse(await reader.run(`echo '${named.trim()}' | dlrpc serve --trust plugins`));
  expect(answer.result.sandbox.profile).toBe("strict");
});

test("docs/languages.md tells of all real plugins, and which are not as they are under strict", () => {
  const { text } = new Page("docs/languages.md");
  const told = new Set([...text.matchAll(/\(\.\.\/fixtures\/real\/([^/)]+)\//g)].map(([, name]) => name));
  expect([...told].sort()).toEqual([...realPlugins].sort());
  const restricted = new Set<string>(
    refusals.filter(({ profile }) => profile === "strict").map(({ plugin }) => plugin),
  );
  const rows = [...text.matchAll(/^\| (\[.*\]\(\.\.\/fixtures\/real\/.*\)) \| .* \| (.*) \|$/gm)];
  expect(rows.length).toBeGreaterThan(15);
  for (const [, links = "", under] of rows)
    for (const [, name = ""] of links.matchAll(/\[([^\]]+)\]/g))
      expect([name, under === "as it is"]).toEqual([name, !restricted.has(name)]);
});

test.each([
  ["docs/architecture.md", 2],
  ["docs/testing.md", 2],
  ["CONTRIBUTING.md", 21],
])("%s: the tests that it names are there, %i at least", (path, least) => {
  const tests = globSync("test/**/*.test.ts", { cwd: projectRoot });
  const known = new Set([...tests, ...tests.map((file) => basename(file))]);
  const named = [...new Page(path).text.matchAll(/(?<![\w./-])\w[\w./-]*\.test\.ts/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThanOrEqual(least);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test("docs/architecture.md: each invariant names what shows it", () => {
  const { text } = new Page("docs/architecture.md");
  const rows = [...text.matchAll(/^\| \d+ \| .* \| (.*) \|$/gm)].map(([, shown = ""]) => shown);
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.filter((shown) => !/`[\w-]+(\.slow)?\.test\.ts`/.test(shown))).toEqual([]);
});

test("docs/architecture.md: each decision is dated, and has a figure", () => {
  const decisions = /^## Decisions\n(.*?)^## /ms.exec(new Page("docs/architecture.md").text)?.[1] ?? "";
  const paragraphs = decisions.split("\n\n").filter((paragraph) => paragraph.startsWith("**"));
  expect(paragraphs.length).toBeGreaterThan(8);
  expect(paragraphs.filter((paragraph) => !/^\*\*[^*]+\*\* \(\d{4}-\d\d-\d\d\)\./.test(paragraph))).toEqual([]);
  expect(paragraphs.filter((paragraph) => !/\d (µs|ms|MB|KiB|times|calls)/.test(paragraph))).toEqual([]);
});

test("docs/architecture.md: the life of a call has twelve steps, each with files", () => {
  const { text } = new Page("docs/architecture.md");
  const way = /^## The life of a call\n(.*?)^## /ms.exec(text)?.[1] ?? "";
  const steps = way.split(/^\d+\. /m).slice(1);
  expect(steps).toHaveLength(12);
  for (const step of steps) {
    const files = [...step.matchAll(/`((?:src|native)\/[^`]+)`/g)].map(([, path = ""]) => path);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((path) => !existsSync(join(projectRoot, path)))).toEqual([]);
  }
});

test("docs/architecture.md has a row for each folder of the sources, from the top to the bottom", () => {
  const { text } = new Page("docs/architecture.md");
  const rows = [...text.matchAll(/^\| \[([\w/-]+)\]/gm)].map(([, path = ""]) => path);
  expect(rows.slice(0, rows.indexOf("native") + 1)).toEqual(
    layers.filter((path) => path !== "package.json" && !path.endsWith(".ts")),
  );
});
