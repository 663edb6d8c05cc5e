// What all pages of the documentation are held to: links lead somewhere, options and files are there, examples are run.

import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { verbs } from "../../src/cli/verbs.ts";
import { Page, pages } from "../support/page.ts";
import { projectRoot } from "../support/paths.ts";

const optionsIn = (text: string) => [...text.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g)].map(([, name = ""]) => name);
const optionsOf = new Map(verbs.map(({ name, options }) => [name, new Set(["help", ...Object.keys(options)])]));
const allOptions = new Set(["version", ...[...optionsOf.values()].flatMap((names) => [...names])]);
/** Other programs' options and names that stand for themselves in prose. */
const foreign = ["disable-userns", "O_DIRECT"];

/** What the sources know, word by word. */
const sources = globSync(["src/**/*.ts", "protocol/*"], { cwd: projectRoot, withFileTypes: true });
const text = sources
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"));
const known = new Set(text.join("\n").match(/[\w$/]+/g));

/** Paths of the repository that a text names, without patterns: `src/*.ts` is none. */
const pathsIn = (text: string) => {
  const found = text.matchAll(
    /(?<![\w./-])(?:bench|docs|findings|fixtures|native|packaging|protocol|src|test)\/[\w./*{}-]*/g,
  );
  return [...found].map(([path]) => path.replace(/\.$/, "")).filter((path) => !/[*{}]/.test(path));
};
const missing = (paths: string[]) => paths.filter((path) => !existsSync(join(projectRoot, path)));

/** Texts that are no pages of the documentation, and have links. */
const installed = ["**/node_modules"]; // others', such as the benchmark's peers
const others = [
  "CHANGELOG.md",
  ...globSync("{docs/rules,protocol,bench,fixtures,native}/**/*.md", { cwd: projectRoot, exclude: installed }),
];
const linking = [...pages, ...others.map((path) => new Page(path))];

test.each(linking.map((page) => [page.path, page] as const))(
  "%s: every link leads to a file and a heading",
  (_, page) => {
    const broken = page.links.filter(({ path, anchor }) => {
      if (!existsSync(join(projectRoot, path))) return true;
      return anchor !== undefined && !new Page(path).anchors.includes(anchor);
    });
    expect(broken).toEqual([]);
  },
);

describe.each(pages.map((page) => [page.path, page] as const))("%s", (_, page) => {
  test("every option is one of the verb that it is shown with", () => {
    const wrong = page.commands.flatMap((command) => {
      const [, verb = ""] = command.split(/\s+/);
      const own = optionsOf.get(verb) ?? allOptions;
      const [ours = "", theirs = ""] = command.split(" -- ");
      const passedOn = verb === "pack" ? optionsIn(theirs).filter((name) => !optionsOf.get("mcp")?.has(name)) : [];
      return [...optionsIn(ours).filter((name) => !own.has(name)), ...passedOn].map((name) => [verb, name]);
    });
    expect(wrong).toEqual([]);
  });

  test("every option that stands alone is one of some verb", () => {
    const alone = page.spans.filter((span) => span.startsWith("--")).flatMap(optionsIn);
    expect(alone.filter((name) => !allOptions.has(name) && !foreign.includes(name))).toEqual([]);
  });

  test("every verb is there", () => {
    const named = page.commands.flatMap((command) => /^dlrpc ([a-z][a-z-]*)/.exec(command)?.[1] ?? []);
    expect(named.filter((name) => !optionsOf.has(name) && name !== "help")).toEqual([]);
  });

  test("every npm script that it names is there", () => {
    const named = [...page.text.matchAll(/npm run ([a-z:]+)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
  });

  test("every method, variable, function and kind of error that it names is one", () => {
    const isName = /^(plugin\/\w+|\$\/\w+|[A-Z]+(_[A-Z]+)+|(dlrpc|vtcode)_\w+(?!\.))$/;
    expect(page.spans.filter((span) => isName.test(span) && !known.has(span) && !foreign.includes(span))).toEqual([]);
  });
});

const ofToday = linking.filter(({ path }) => path !== "CHANGELOG.md"); // which names what was there
test.each(ofToday.map((page) => [page.path, page] as const))(
  "%s: every file of the repository that it names is there",
  (_, page) => {
    const own = page.spans.filter((span) => /^[\w.]+\/\S*$/.test(span));
    const named = [...own, ...page.blocks.map(({ code }) => code)].flatMap(pathsIn);
    expect(missing(named)).toEqual([]);
  },
);

test("every file of the repository that a comment names is there", () => {
  const files = globSync("{src,protocol,native,packaging,fixtures,bench,test}/**/*.{ts,mjs,c,h}", {
    cwd: projectRoot,
    exclude: installed,
  });
  const wrong = files.flatMap((file) => {
    const text = readFileSync(join(projectRoot, file), "utf8");
    const comments = text.matchAll(/(?<=^|\s)(?:\/\*[\s\S]*?\*\/|\/\/ .*)/gm);
    return missing([...comments].flatMap(([comment]) => pathsIn(comment))).map((path) => [file, path]);
  });
  expect(files.length).toBeGreaterThan(500);
  expect(wrong).toEqual([]);
});

test("every page is reached from README.md", () => {
  const reached = new Set(["README.md"]);
  for (const path of reached) if (path.endsWith(".md")) for (const link of new Page(path).links) reached.add(link.path);
  expect(pages.filter(({ path }) => !reached.has(path)).map(({ path }) => path)).toEqual([]);
});

test("every page with commands is one that a test follows", () => {
  const tests = globSync("test/**/*.test.ts", { cwd: projectRoot, exclude: installed }).filter(
    (file) => !file.startsWith("test/docs/pages"),
  );
  const text = tests.map((file) => readFileSync(join(projectRoot, file), "utf8")).join("\n");
  const shown = pages.filter(({ blocks }) => blocks.some(({ language }) => language !== "text"));
  expect(shown.length).toBeGreaterThan(5);
  expect(shown.filter(({ path }) => !text.includes(`"${path}"`)).map(({ path }) => basename(path))).toEqual([]);
});
