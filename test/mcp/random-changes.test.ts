// G13: after each of random changes, the same each time, the list of a program that has run all along is that of one that has
// just begun.

import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { Random } from "../fuzz/random.ts";
import { libraryOf, PluginDirectory } from "../support/plugin-directory.ts";
import { LEGACY, McpClient } from "./support/client.ts";

const SEEDS = [1, 2];
const STEPS = 60;

const names = ["a", "b"];

/** What comes of an act for which there is nothing to act on. */
const untimely: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "EEXIST", "EINVAL", "ELOOP", "ENOTEMPTY"]);

async function listed(client: McpClient): Promise<string> {
  return JSON.stringify((await client.result("tools/list")).tools);
}

/** Changes something in `root/plugins`. */
class Disorder {
  private readonly root: string;
  private readonly random: Random;
  private title = 10;

  constructor(root: string, random: Random) {
    this.root = root;
    this.random = random;
  }

  /** @returns what it did, as far as what that takes was there */
  step(): string {
    const acts = this.random.chance(2) ? this.writing : this.random.chance(4) ? this.upheavals : this.building;
    const [what, act] = this.random.pick(Object.entries(acts));
    try {
      act();
    } catch (error) {
      if (!untimely.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
    return what;
  }

  private get place(): string {
    return join(this.root, "plugins", this.random.pick(names));
  }

  /** Trusted, and watched by nobody. */
  private get outside(): string {
    return join(this.root, "plugins", "not", "watched", this.random.pick(names));
  }

  private manifest(): string {
    if (this.random.chance(10)) return "{";
    const name = this.random.pick(names);
    return JSON.stringify({ name, description: "", version: "1.0.0", abi_version: 1, title: `${this.title++}` });
  }

  /** What makes a difference to what the others have made. */
  private readonly writing: Readonly<Record<string, () => void>> = {
    "writes plugin.json": () => this.write(join(this.place, "plugin.json")),
    "writes it elsewhere": () => this.write(join(this.outside, "plugin.json")),
  };

  private readonly building: Readonly<Record<string, () => void>> = {
    "replaces plugin.json": () => {
      const place = this.place;
      this.write(join(place, "new"));
      this.move(join(place, "new"), join(place, "plugin.json"));
    },
    "takes away a library": () => rmSync(join(this.place, `lib${this.random.pick(names)}.so`), { force: true }),
    "makes libraries of the platform": () => {
      const place = join(this.place, "lib", "linux-x64");
      mkdirSync(place, { recursive: true, mode: 0o755 });
      this.libraries(place);
    },
    "moves these": () => this.move(join(this.place, "lib"), join(this.place, "lib")),
    "links to a plugin": () => {
      const place = this.place;
      rmSync(place, { recursive: true });
      symlinkSync(this.outside, place);
    },
    "links to plugin.json": () => {
      const file = join(this.place, "plugin.json");
      rmSync(file);
      symlinkSync(join(this.outside, "plugin.json"), file);
    },
    "gives another name": () => {
      const file = join(this.place, "plugin.json");
      rmSync(file);
      linkSync(join(this.outside, "plugin.json"), file);
    },
    "lets others write": () => this.mode(0o777),
    "lets nobody write": () => this.mode(0o555),
    "lets its owner write": () => this.mode(0o755),
  };

  private readonly upheavals: Readonly<Record<string, () => void>> = {
    removes: () => rmSync(this.place, { recursive: true, force: true }),
    "moves in": () => this.move(this.outside, this.place),
    "moves out": () => this.move(this.place, this.outside),
    "moves within": () => this.move(this.place, this.place),
    "takes all away": () => this.move(join(this.root, "plugins"), join(this.root, "taken")),
    "gives all back": () => this.move(join(this.root, "taken"), join(this.root, "plugins")),
    "begins anew": () => mkdirSync(join(this.root, "plugins"), { recursive: true, mode: 0o755 }),
  };

  /** Of a directory that this makes it makes a plugin. */
  private write(path: string): void {
    const directory = dirname(path);
    if (mkdirSync(directory, { recursive: true, mode: 0o755 }) !== undefined) this.libraries(directory);
    writeFileSync(path, this.manifest());
  }

  private libraries(directory: string): void {
    for (const name of names) copyFileSync(libraryOf("counter"), join(directory, `lib${name}.so`));
  }

  private move(from: string, to: string): void {
    if (from === to || !existsSync(from)) return;
    rmSync(to, { recursive: true, force: true });
    renameSync(from, to);
  }

  private mode(mode: number): void {
    const path = this.random.chance(2) ? this.place : join(this.place, "plugin.json");
    chmodSync(path, mode);
  }
}

test.each(SEEDS)("the list that is kept is the list that there is: random changes of seed %i", async (seed) => {
  using directory = new PluginDirectory();
  const root = directory.directory("root");
  const options = { trust: [join(root, "plugins")], revision: LEGACY };
  const random = new Random(seed);
  const disorder = new Disorder(root, random);
  await using client = await McpClient.begun(options);
  const done: string[] = [];
  let many = 0;
  for (let step = 0; step < STEPS; step++) {
    done.push(disorder.step());
    await using fresh = await McpClient.begun(options);
    const list = await listed(client);
    expect([done, list]).toEqual([done, await listed(fresh)]);
    await fresh.over();
    if (list !== "[]") many++;
  }
  expect(many).toBeGreaterThan(STEPS / 3);
  await client.over();
});
