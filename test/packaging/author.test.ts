// From an idea to a tool with the packed file alone, as a new user would, who reads nothing but what it prints.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { McpClient } from "../mcp/client.ts";
import { Developer } from "../support/developer.ts";
import { packed } from "./packed.ts";

const tools = { c: "make", cpp: "c++", rust: "cargo", go: "go" } as const;
/** What takes seconds, as it compresses the program, and is the same for all. */
const isSlow = (command: string) => command.startsWith("dlrpc pack");

let directory: string;
let env: NodeJS.ProcessEnv;

beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-user-")));
  const [bin, home] = ["bin", "home"].map((name) => join(directory, name)) as [string, string];
  for (const path of [bin, home]) mkdirSync(path);
  symlinkSync(packed, join(bin, "dlrpc"));
  // Compilers find what they have in the real home: toolchains, and what they have compiled before.
  const caches = {
    CARGO_HOME: process.env.CARGO_HOME ?? join(homedir(), ".cargo"),
    RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), ".rustup"),
    GOCACHE: process.env.GOCACHE ?? join(homedir(), ".cache", "go-build"),
  };
  env = { ...process.env, ...caches, HOME: home, PATH: `${bin}${delimiter}${process.env.PATH}` };
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs a line of a shell. @returns what it prints to stdout */
function shell(line: string, cwd: string): string {
  return execFileSync("sh", ["-euc", line], { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

/** The commands that a text shows, indented, each before what it does. */
const commandsIn = (text: string) =>
  [...text.matchAll(/^ {2}(\S.*?)(?: {2}.*)?$/gm)].map(([, command = ""]) => command);

test.each((["c", "cpp", "rust", "go"] as const).filter((language) => !lacks("make") && !lacks(tools[language])))(
  "new, make, exec, dev, sign, pack, install, and a tool: %s",
  async (language) => {
    const name = `my-${language}`;
    const [enter, ...commands] = commandsIn(shell(`dlrpc new ${name} --lang ${language}`, directory));
    expect(enter).toBe(`cd ${name}`);
    const cwd = join(directory, name);
    const verbs = commands.map((command) => command.split(" ").slice(0, 2).join(" "));
    const dlrpc = ["exec", "dev", "keygen", "sign", "pack", "install", "mcp"].map((verb) => `dlrpc ${verb}`);
    expect(verbs.filter((verb) => verb.startsWith("dlrpc"))).toEqual(dlrpc);

    for (const command of commands.slice(0, -1)) {
      if (command === "dlrpc dev .") {
        await using dev = new Developer(["."], { cwd, env, program: [packed] });
        expect(await dev.until("Ctrl-C ends.\n")).toContain('"text": "Hello"');
      } else if (!isSlow(command) || language === "c") {
        shell(command.replace("dlrpc keygen", "dlrpc keygen --no-password"), cwd); // there is no terminal to ask on
      }
    }
    if (language === "c") expect(readdirSync(join(cwd, "dist"))).toContain(`${name}.mcpb`);
    for (const key of ["author.key", "author.pub"]) rmSync(join(directory, key)); // the next one makes its own

    expect(commands.at(-1)).toBe("dlrpc mcp");
    await using client = new McpClient({ program: [packed], trust: [], env });
    const { tools } = await client.result("tools/list");
    expect(tools.map((tool: { name: string }) => tool.name)).toContain(name);
    const { structuredContent } = await client.call(name, { text: "from an agent" });
    expect(structuredContent).toMatchObject({ input: { text: "from an agent" }, config: {} });
    await client.over();
  },
);
