// Owns what the plugins in fixtures/real are to answer, whatever the profile.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RealPlugin } from "../../fixtures/real.ts";
import { plugin } from "../support/paths.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { PAGE, type Site } from "./site.ts";

/** How many calls those that say `thread_safe` wait for, so that each is on a thread of its own. */
export const TOGETHER = 4;

export interface Expected {
  input?: object;
  /** Of as many calls at once, in any order. */
  outputs: readonly object[];
}

/** Where a plugin is called. */
export interface Place {
  readonly workspace: TemporaryDirectory;
  site(): Promise<Site>;
}

const together = (output: object) => Array.from({ length: TOGETHER }, () => output);

/** 3 to the 50th, and how many digits the squares of the numbers below 10000 have. */
const power = "717897987691852588770249";
const length = 75374;

const stack = { holds: true, enough: true, used: 7 };
const furtherStack = { thread: "further", ...stack };

/** What programs do that a plugin starts: copies, archives, clones, with their modes and times. */
const script = [
  ...["set -e", "rm -rf *", "export GIT_CONFIG_NOSYSTEM=1", "echo new > a", "chmod 750 a", "touch -d @1000000000 a"],
  ...["cp -p a b", "tar cf archive a b", "rm a b", "tar xf archive", "git init -q from"],
  "git -C from -c user.name=n -c user.email=e commit -q --allow-empty -m first",
  ...["git clone -q from to", "printf %s $(git -C to log -1 --format=%s)", "stat -c :%a:%Y b"],
].join("; ");

/** Each is asked for when everything is built, and may lay files in the workspace. */
const expectations: Record<RealPlugin, (place: Place) => Expected | Promise<Expected>> = {
  "own-names": () => ({ outputs: [{ called: 28, foreign: "", getrandom: "the C library's" }] }),
  // What the system's libraries are depends on the system: a plain program, linked to the same, says it.
  "system-versions": () => {
    const said = execFileSync(join(plugin("real"), "system-versions", "program"), { encoding: "utf8" });
    return { outputs: [JSON.parse(said).output] };
  },
  cpp: () => ({
    outputs: together({
      streamed: "1.234.567,50 0xff 2.500,00",
      caught: "as planned 42",
      beside: "as planned 43",
      threads: "8 used, 8 destroyed",
    }),
  }),
  simdjson: () => ({
    input: { numbers: [2 ** 63, 1], text: "Zoë 世界" },
    outputs: [{ sum: "9223372036854776001", text: "Zoë 世界", mistake: true }], // no double could say that
  }),
  rust: () => ({
    outputs: [
      {
        sum: 31996000,
        dropped: 31996000,
        here: "index out of bounds: the len is 3 but the index is 7",
        there: "planned 42",
      },
    ],
  }),
  go: () => ({ outputs: together({ sum: 1001000, collected: true }) }),
  openmp: () => ({ outputs: [{ sum: 500500, parts: [250, 250, 250, 250], ordered: [0, 1, 2, 3] }] }),
  fortran: () => ({ outputs: [{ sum: "   98.968664", norm: "  2.13847E+00", small: 435 }] }),
  pascal: () => ({
    outputs: [{ sums: [50005000, 100010000, 150015000, 200020000], caught: "EConvertError", own: 0 }],
  }),
  ocaml: () => ({ outputs: [{ live: 20000, length: 88894, found: 42, collected: true }] }),
  "boehm-gc": () => ({ outputs: [{ count: 10000, sum: 50005000, bounded: true, collected: true }] }),
  guile: () => ({ outputs: [{ power, caught: 42, length }] }),
  ecl: () => ({ outputs: [{ power, caught: 42, length }] }),
  jvm: () => ({ outputs: [{ power, length, overflown: true, digest: "e3" }] }),
  d: () => ({ outputs: [{ count: 10000, length: 48411, caught: "planned", collected: true }] }),
  ruby: () => ({ outputs: [{ power, rescued: "SystemStackError", fibers: 6, threads: 14, length }] }),
  python: () => ({ outputs: [{ third: "3280/6561", caught: "RecursionError", collected: true, threads: 14 }] }),
  machine: () => {
    const [configured, online] = ["_NPROCESSORS_CONF", "_NPROCESSORS_ONLN"].map((name) =>
      Number(execFileSync("getconf", [name], { encoding: "utf8" })),
    );
    return { outputs: [{ configured, online, concurrency: online, listed: true, memory: true, threads: 1 }] };
  },
  "static-tls": () => ({ outputs: [{ sum: 6000, smallest: 6000, error: "" }] }),
  curl: async (place) => {
    const { url, proxy, authorities } = await place.site();
    return { input: { url, proxy, authorities }, outputs: [{ body: PAGE }] };
  },
  "python-tls": async (place) => {
    const { url, proxy, authorities } = await place.site();
    return { input: { url, proxy, authorities }, outputs: [{ body: PAGE, certificates: true }] };
  },
  libgit2: ({ workspace: { path } }) => {
    writeFileSync(join(path, "file"), "content");
    return { input: { path }, outputs: [{ author: "Ada", files: 1, message: "planned" }] };
  },
  "duckdb-sql": ({ workspace }) => ({
    input: { path: join(workspace.path, "numbers.duckdb") },
    outputs: [{ sum: 499999500000, groups: 1000 }],
  }),
  onnxruntime: () => ({ outputs: [{ version: "1.17.0", wrong: 0 }] }),
  openblas: () => ({ outputs: [{ threads: 4, wrong: 0 }] }),
  libclang: ({ workspace }) => {
    const path = join(workspace.path, "file.c");
    writeFileSync(
      path,
      "#include <string.h>\nint twice(int n) { return 2 * n; }\nint lengths(void) { return strlen(s); }\n",
    );
    return {
      input: { path },
      outputs: [{ functions: ["twice", "lengths"], mistakes: ["use of undeclared identifier 's'"] }],
    };
  },
  // The pixels in the middle of cells: letters, not the boxes that stand for them.
  pango: () => ({
    outputs: [{ L: "##... ##... ##... ##... #####", T: "##### ..#.. ..#.. ..#.. ..#..", unknown: 0 }],
  }),
  pocl: () => ({ outputs: [{ wrong: 0 }] }),
  files: () => ({ outputs: [{ copied: "new 750", saved: "new 640", touched: 1000003600 }] }),
  "rust-files": () => ({ outputs: [{ copied: "new 750", touched: 1000000000 }] }),
  threads: () => ({
    outputs: [
      {
        ...{ created: ["done", "done"], pinned: ["done", "done"], scheduled: ["done", "done", "done"] },
        named: ["done", "named"],
      },
    ],
  }),
  programs: () => ({ input: { script }, outputs: [{ status: 0, said: "first:750:1000000000" }] }),
  stack: () => ({ outputs: [{ thread: "main", ...stack }, furtherStack, furtherStack, furtherStack] }),
};

export const expectedOf = async (name: RealPlugin, place: Place): Promise<Expected> => expectations[name](place);
