// The first hour with dlrpc: nothing but the single executable in an empty home, and no page but what it prints. The commands are those
// that `dlrpc new` names, in their order; what they print is kept beside this test, in first-hour.

import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { Developer } from "../support/developer.ts";
import { goCache } from "../support/paths.ts";
import { packed } from "./packed.ts";

const BUILDS_MS = 300_000;

/** Someone's machine, on which nobody has heard of dlrpc. */
class Newcomer implements Disposable {
  readonly home: string;
  /** All that was typed and shown. */
  transcript = "";
  private directory: string;

  constructor() {
    this.home = realpathSync(mkdtempSync(join(tmpdir(), "first-hour-")));
    this.directory = this.home;
    mkdirSync(join(this.home, "bin"));
    copyFileSync(packed, join(this.home, "bin", "dlrpc"));
    chmodSync(join(this.home, "bin", "dlrpc"), 0o755);
  }

  get env() {
    const { PATH = "", RUSTUP_HOME = join(homedir(), ".rustup") } = process.env;
    // Compilers have their toolchains and what they have compiled before. Nobody types a password here.
    const CARGO_HOME = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
    const compilers = { RUSTUP_HOME, CARGO_HOME, GOCACHE: goCache };
    return { ...compilers, HOME: this.home, PATH: `${join(this.home, "bin")}:${PATH}`, DLRPC_KEY_PASSWORD: "secret" };
  }

  /** Types a command, which is to end with `status`. @returns what it printed */
  type(command: string, status = 0): string {
    const shown = `$ ${command}\n`;
    if (command.startsWith("cd ")) {
      this.directory = join(this.directory, command.slice("cd ".length));
      this.transcript += shown;
      return "";
    }
    const { env, directory: cwd } = this;
    const ended = spawnSync("/bin/sh", ["-c", `${command} 2>&1`], { cwd, env, encoding: "utf8" });
    expect(ended.status, `${this.transcript}${shown}${ended.stdout}`).toBe(status);
    // A compiler's own words are not dlrpc's.
    this.transcript += shown + (command.startsWith("make") ? "" : this.withoutChance(ended.stdout));
    return ended.stdout;
  }

  /** Types `dlrpc dev .`, edits the input while it waits, and ends it by Ctrl-C. */
  async develop(): Promise<void> {
    await using dev = new Developer(["."], { cwd: this.directory, env: this.env, program: [packed] });
    const before = await dev.until("Ctrl-C ends.\n");
    writeFileSync(join(this.directory, "input.json"), '{ "text": "Hello, again" }\n');
    const after = await dev.until(/\+ .*Hello, again.*\n/);
    dev.interrupt();
    await dev.ended();
    const calls = `${before}${after}`.split("\n").filter((line) => line.includes('"text"'));
    this.transcript += `$ dlrpc dev .\n${calls.join("\n")}\n^C\n`;
  }

  /** As the transcript is kept: what is another each time has a name in its place. */
  private withoutChance(text: string): string {
    return text
      .replaceAll(this.home, "~")
      .replaceAll(/\b[0-9A-F]{16}\b/g, "KEY-ID")
      .replaceAll(/\b[0-9a-f]{64}\b/g, "SHA256")
      .replaceAll(/\d+(\.\d+)? (B|kB|KiB|MB|MiB)\b/g, "SIZE");
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true });
  }
}

/** The commands in what a verb printed: each on a line of its own, behind two blanks, what it is for behind two more. */
function commandsIn(text: string): string[] {
  return [...text.matchAll(/^ {2}(\S.*?)(?: {2,}.*)?$/gm)].map(([, command = ""]) => command);
}

const languages = [
  ["c", "make"],
  ["cpp", "c++"],
  ["rust", "cargo"],
  ["go", "go"],
] as const;

for (const [language, tool] of languages) {
  test.skipIf(lacks("make") || lacks(tool))(
    `from an idea to a tool of an agent, in ${language}`,
    { timeout: BUILDS_MS },
    async () => {
      using newcomer = new Newcomer();
      expect(newcomer.type("dlrpc --help")).toContain(" new ");
      expect(newcomer.type("dlrpc help new")).toContain(`--lang`);
      const next = commandsIn(newcomer.type(`dlrpc new hello --lang ${language}`));
      for (const command of next.map((one) => one.replace("YOU", "Ada"))) {
        if (command === "dlrpc mcp") continue; // which an agent starts
        if (command === "dlrpc dev .") await newcomer.develop();
        else newcomer.type(command);
      }
      expect(next).toContain("dlrpc mcp");
      expect(newcomer.type("dlrpc list")).toMatch(/^hello +0\.1\.0 +valid/m);

      const client = new Client({ name: "agent", version: "1.0.0" });
      await client.connect(new StdioClientTransport({ command: "dlrpc", args: ["mcp"], env: newcomer.env }));
      try {
        const [tool] = (await client.listTools()).tools;
        expect([tool?.name, tool?.annotations?.readOnlyHint]).toEqual(["hello", true]);
        const { structuredContent, isError } = await client.callTool({ name: "hello", arguments: { text: "Hi" } });
        expect(isError ?? false).toBe(false);
        expect(structuredContent).toMatchObject({ input: { text: "Hi" } });
      } finally {
        await client.close();
      }
      await expect(newcomer.transcript).toMatchFileSnapshot(`first-hour/${language}.txt`);
    },
  );
}
