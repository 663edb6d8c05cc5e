// T4: what was checked is what is loaded, whatever happens to the files meanwhile and afterwards.

import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Host } from "../support/host.ts";
import { libraryOf, PluginDirectory } from "../support/plugin-directory.ts";
import { type Step, Swapper } from "../support/swapper.ts";

const integrityOf = (library: string) =>
  `sha256-${createHash("sha256")
    .update(readFileSync(libraryOf(library)))
    .digest("base64")}`;

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

/** The code that a load ran, by the metadata that it reported; or the kind of the error. */
interface Outcome {
  loaded?: string;
  integrity?: string;
  kind?: string;
}

async function load(host: Host, params: object): Promise<Outcome> {
  const { result, error } = await host.request("plugin/load", params);
  if (error !== undefined) return { kind: error.data.kind };
  const { handle, integrity, metadata } = result;
  await host.result("plugin/unload", { handle });
  return { loaded: metadata.name, integrity };
}

/** Loads until every one of `wanted` came out a few times. @returns everything that came out */
async function loadUntil(wanted: readonly string[], attempt: () => Promise<Outcome>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const seen = (what: string) => outcomes.filter(({ loaded, kind }) => loaded === what || kind === what).length;
  while (wanted.some((what) => seen(what) < 3)) outcomes.push(await attempt());
  return outcomes;
}

describe("T4: a loaded plugin is not disturbed when its library", () => {
  const disturbances: Record<string, (library: string) => void> = {
    "is rewritten in place": (library) => copyFileSync(libraryOf("counter"), library),
    "is filled with nonsense": (library) => copyFileSync(join(libraryOf("counter"), "..", "plugin.json"), library),
    "is truncated": (library) => truncateSync(library),
    "is deleted": (library) => rmSync(library),
  };

  test.each(Object.entries(disturbances))("%s, also when it starts again after a crash", async (_, disturb) => {
    using plugins = new PluginDirectory();
    const path = plugins.add("made", { library: "hostile" });
    await using host = new Host({ trust: [plugins.path] });
    const { handle, library } = await host.result("plugin/load", { path });
    const run = (what: string) => host.request("plugin/execute", { handle, input: { do: what } });
    const before = (await run("count")).result.output;
    disturb(library);
    expect((await run("count")).result.output).toEqual({ count: 2, pid: before.pid });
    expect((await run("segv")).error?.data.kind).toBe("PLUGIN_CRASHED");
    const after = (await run("count")).result.output;
    expect([after.count, after.pid === before.pid]).toEqual([1, false]);
  });
});

describe("T4: a library that is swapped again and again while it is loaded", () => {
  /** Copies a library beside the one in use and puts it in its place, as an installer does. */
  const install = (from: string, target: string): Step[] => [
    ["copyFileSync", libraryOf(from), `${target}.new`],
    ["renameSync", `${target}.new`, target],
  ];

  test("put in place whole: every load works, and reports the hash of the code that runs", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("made");
    const library = join(path, "libmade.so");
    await using host = new Host({ trust: [plugins.path] });
    await using _ = new Swapper([install("hello-world", library), install("counter", library)]);
    const outcomes = await loadUntil(["counter", "hello-world"], () => load(host, { path }));
    const right = ["counter", "hello-world"].map((name) => ({ loaded: name, integrity: integrityOf(name) }));
    for (const outcome of outcomes) expect(right).toContainEqual(outcome);
  });

  test("put in place whole: an examination never stumbles over that", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("made");
    const library = join(path, "libmade.so");
    await using host = new Host({ trust: [plugins.path] });
    await using _ = new Swapper([install("hello-world", library), install("counter", library)]);
    for (let i = 0; i < 20; i++) {
      const reports = await Promise.all(times(25, () => host.result("plugin/validate", { path })));
      expect(reports).toEqual(times(25, () => ({ valid: true, permissions: null, problems: [] })));
    }
  });

  test("an integrity that was asked for is that of the code that runs", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("made");
    const library = join(path, "libmade.so");
    await using host = new Host({ trust: [plugins.path] });
    await using _ = new Swapper([install("hello-world", library), install("counter", library)]);
    const integrity = integrityOf("counter");
    const outcomes = await loadUntil(["counter", "INTEGRITY_FAILED"], () => load(host, { path, integrity }));
    expect(outcomes.filter(({ loaded }) => loaded === "hello-world")).toEqual([]);
  });

  test("rewritten in place: what loads is what was hashed", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("made");
    const library = join(path, "libmade.so");
    const known = [integrityOf("counter"), integrityOf("hello-world")];
    await using host = new Host({ trust: [plugins.path] });
    await using _ = new Swapper([
      [["copyFileSync", libraryOf("hello-world"), library]],
      [["copyFileSync", libraryOf("counter"), library]],
    ]);
    const outcomes = await loadUntil(["counter", "hello-world"], () => load(host, { path }));
    for (const { loaded, integrity, kind } of outcomes) {
      // A reading may catch half of each: that has a hash of its own, and may be no library at all.
      if (known.includes(integrity as string)) expect(integrity).toBe(integrityOf(loaded as string));
      if (kind !== undefined) expect(["LIBRARY_LOAD_FAILED", "PLUGIN_CRASHED", "SYMBOL_MISSING"]).toContain(kind);
    }
  });

  test("deleted and made again: it loads or it does not, and the error says why", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("made");
    const library = join(path, "libmade.so");
    await using host = new Host({ trust: [plugins.path] });
    await using _ = new Swapper([[["rmSync", library]], install("counter", library)]);
    const outcomes = await loadUntil(["counter", "LIBRARY_NOT_FOUND"], () => load(host, { path }));
    for (const { loaded, kind } of outcomes) {
      expect(loaded ?? kind).toMatch(/^(counter|LIBRARY_NOT_FOUND|LIBRARY_LOAD_FAILED)$/);
    }
  });
});

describe("T2, T4: a link put in place of something that is being read", () => {
  /** A trusted directory with the plugin `made`; in place of a part of it comes and goes a link that leads outside. */
  async function swapped(what: "plugin.json" | "libmade.so" | "", use: (host: Host, path: string) => Promise<void>) {
    using plugins = new PluginDirectory();
    const trusted = plugins.directory("trusted");
    const path = plugins.add("trusted/made", { manifest: { name: "made" }, as: ["libmade.so"] });
    const manifest = { name: "made", description: "outside" };
    const outside = plugins.add("outside", { library: "hello-world", manifest, as: ["libmade.so"] });
    const target = join(path, what);
    const [aside, link] = [join(plugins.path, "aside"), join(plugins.path, "link")];
    symlinkSync(join(outside, what), link);
    await using host = new Host({ trust: [trusted] });
    await using _ = new Swapper([
      [
        ["renameSync", target, aside],
        ["renameSync", link, target],
      ],
      [
        ["renameSync", target, link],
        ["renameSync", aside, target],
      ],
    ]);
    await use(host, path);
  }

  test.each(["plugin.json", ""] as const)("nothing outside is read: `%s`", async (what) => {
    await swapped(what, async (host) => {
      const descriptions = new Set<string>();
      while (descriptions.size < 2 || host.messages.length < 1000) {
        const reports = await Promise.all(times(25, () => host.result("plugin/discover")));
        for (const { metadata } of reports.flatMap(({ plugins }) => plugins)) {
          descriptions.add(metadata?.description ?? "none"); // now and then it is there, now and then it is not
        }
      }
      expect([...descriptions].sort()).toEqual(["Made for a test", "none"]);
    });
  });

  test.each(["libmade.so", ""] as const)("no code outside runs: `%s`", async (what) => {
    await swapped(what, async (host, path) => {
      const outcomes: Outcome[] = [];
      for (let i = 0; i < 50; i++) outcomes.push(await load(host, { path }));
      const refusals = [
        "PATH_NOT_FOUND",
        "UNTRUSTED_PATH",
        "INVALID_PLUGIN",
        "LIBRARY_NOT_FOUND",
        "LIBRARY_LOAD_FAILED",
      ];
      for (const { loaded, kind } of outcomes) expect(["counter", ...refusals]).toContain(loaded ?? kind);
    });
  });
});
