// Completions, in the shells that they are for, and the manual page: made from the same source as the help.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { lacks } from "../../../fixtures/tools.ts";
import { grammar } from "../../../src/cli/inspecting/completions/grammar.ts";
import { shells } from "../../../src/cli/inspecting/verbs.ts";
import { verbs } from "../../../src/cli/verbs.ts";
import { projectRoot } from "../../support/paths.ts";
import { run } from "../../support/run.ts";
import { OperatorHome } from "../installing/home.ts";

const scripts: Record<string, string> = {};
beforeAll(async () => {
  for (const shell of shells) scripts[shell] = (await run(["completions", shell])).stdout;
});

/** A home with a plugin that is installed, and a directory and a file to complete. */
function home(): OperatorHome {
  const made = new OperatorHome();
  made.directory(".vtcode/plugins");
  made.add(".vtcode/plugins/weather", { as: ["x.so"] });
  made.directory("work space");
  made.file("worn", "");
  for (const shell of shells) made.file(`dlrpc.${shell}`, scripts[shell] ?? "");
  return made;
}

/** What is offered, sorted; the last of `words` is what is being typed. */
type Complete = (words: readonly string[], home: OperatorHome) => string[];

const sorted = (text: string) => [...new Set(text.split("\n").filter((line) => line !== ""))].sort();

const inBash: Complete = (words, { path }) => {
  const script = `source dlrpc.bash; COMP_WORDS=(dlrpc "$@"); COMP_CWORD=$#; _dlrpc; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return sorted(
    execFileSync("bash", ["--norc", "-c", script, "bash", ...words], {
      cwd: path,
      env: { ...process.env, HOME: path },
      encoding: "utf8",
    }),
  );
};

const inFish: Complete = (words, { path }) => {
  const line = ["dlrpc", ...words].join(" ");
  const env = { ...process.env, HOME: path, XDG_CONFIG_HOME: path, XDG_DATA_HOME: path };
  const offered = execFileSync("fish", ["--no-config", "-c", "source dlrpc.fish; complete -C $argv[1]", line], {
    cwd: path,
    env,
    encoding: "utf8",
  });
  return sorted(offered.replaceAll(/\t.*$/gm, ""));
};

describe.each<[string, Complete, boolean]>([
  ["bash", inBash, false],
  ["fish", inFish, lacks("fish")],
])("%s", (_, complete, isMissing) => {
  test.skipIf(isMissing)("the verbs", () => {
    using made = home();
    expect(complete(["con"], made)).toEqual(["conformance"]);
    expect(complete([""], made)).toEqual(expect.arrayContaining(verbs.map(({ name }) => name)));
  });

  test.skipIf(isMissing)("every option of every verb", () => {
    using made = home();
    for (const { name, options } of verbs)
      expect(complete([name, "--"], made)).toEqual(
        expect.arrayContaining(Object.keys(options).map((option) => `--${option}`)),
      );
  });

  test.skipIf(isMissing)("values that are known, files and directories, plugins that are installed", () => {
    using made = home();
    expect(complete(["exec", "--sandbox", "st"], made)).toEqual(["standard", "strict"]);
    expect(complete(["completions", ""], made)).toEqual([...shells].sort());
    expect(complete(["help", "inst"], made)).toEqual(["install"]);
    expect(complete(["remove", "wea"], made)).toEqual(["weather"]);
    const [directories, files] = [
      ["exec", "--trust", "wor"],
      ["verify", "--key", "wor"],
    ].map((words) => complete(words, made).join());
    expect(directories).toMatch(/^work\\? space\/?$/);
    expect(files).toMatch(/^work\\? space\/?,worn$/);
    expect(complete(["list", "wor"], made)).toEqual([]);
  });
});

test("bash takes --option=value apart, and so does the completion", () => {
  using made = home();
  expect(inBash(["exec", "--sandbox", "=", "st"], made)).toEqual(["standard", "strict"]);
  expect(inBash(["exec", "--sandbox", "="], made)).toEqual(["none", "standard", "strict"]);
  expect(inBash(["--sand"], made)).toEqual(["--sandbox"]);
  expect(inBash(["conformance", "--", "wor"], made)).toEqual(["work space", "worn"]);
});

/** What a person gets who types this, tab included, at the shell's prompt: the words of the command. */
async function typed(shell: readonly string[], setup: string, line: string, { path }: OperatorHome): Promise<string> {
  const env = { ...process.env, TERM: "xterm", HOME: path, PS1: "READY>", HISTFILE: "", ZDOTDIR: path };
  const child = spawn("script", ["-qec", shell.join(" "), "/dev/null"], {
    cwd: path,
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  const seen = (pattern: RegExp) =>
    expect
      .poll(() => pattern.exec(shown)?.[1])
      .toBeDefined()
      .then(() => pattern.exec(shown)?.[1] ?? "");
  child.stdout.on("data", (chunk: Buffer) => {
    shown += String(chunk);
  });
  child.stdin.write(`PS1='REA''DY>'; dlrpc() { printf 'WORDS:%s:\\n' "$*"; }; ${setup}\r`);
  await seen(/(READY>)/);
  child.stdin.write(`${line}\r`);
  const words = await seen(/WORDS:(.*?):\r?\n/);
  child.stdin.end("exit\r");
  await once(child, "close");
  return words;
}

const inZsh = (line: string, made: OperatorHome) =>
  typed(["zsh", "-f", "-i"], "autoload -Uz compinit; compinit -u; source ./dlrpc.zsh; unsetopt beep", line, made);

test.skipIf(lacks("script"))("bash, as a person types it", async () => {
  using made = home();
  const words = await typed(
    ["bash", "--norc", "-i"],
    "source ./dlrpc.bash",
    "dlrpc exec --sandbox str\t --trust wor\t --grant\t",
    made,
  );
  expect(words).toBe("exec --sandbox strict --trust work space/ --grant-requested");
});

test.skipIf(lacks("zsh") || lacks("script"))("zsh, as a person types it", async () => {
  using made = home();
  expect(await inZsh("dlrpc exec --sandbox str\t --trust wor\t --grant\t", made)).toBe(
    "exec --sandbox strict --trust work space --grant-requested",
  );
  expect(await inZsh("dlrpc confor\t", made)).toBe("conformance");
  expect(await inZsh("dlrpc remove wea\t", made)).toMatch(/^remove weather\/?$/);
  expect(await inZsh("dlrpc completions zs\t", made)).toBe("completions zsh");
  expect(await inZsh("dlrpc --sandbox=str\t", made)).toBe("--sandbox=strict");
});

/** Debian has none; where the release is made there is one. */
const hasPowershell = spawnSync("pwsh", ["-Version"]).error === undefined;

const inPowershell: Complete = (words, { path }) => {
  const script = `. ./dlrpc.powershell.ps1
    (TabExpansion2 -inputScript $env:LINE -cursorColumn $env:LINE.Length).CompletionMatches.CompletionText`;
  const env = { ...process.env, HOME: path, LINE: ["dlrpc", ...words].join(" ") };
  writeFileSync(join(path, "dlrpc.powershell.ps1"), scripts.powershell ?? "");
  return sorted(
    execFileSync("pwsh", ["-NoProfile", "-Command", script], { cwd: path, env, encoding: "utf8" }).replaceAll("\r", ""),
  );
};

test.skipIf(!hasPowershell)("powershell, as a person types it", () => {
  using made = home();
  expect(inPowershell(["con"], made)).toEqual(["conformance"]);
  expect(inPowershell([""], made)).toEqual(expect.arrayContaining(verbs.map(({ name }) => name)));
  expect(inPowershell(["exec", "--sandbox", "st"], made)).toEqual(["standard", "strict"]);
  expect(inPowershell(["exec", "--sandbox=st"], made)).toEqual(["--sandbox=standard", "--sandbox=strict"]);
  expect(inPowershell(["--sand"], made)).toEqual(["--sandbox"]);
  expect(inPowershell(["remove", "wea"], made)).toEqual(["weather"]);
  expect(inPowershell(["exec", "--trust", "wor"], made).join()).toMatch(/^'?.*work space'?$/);
});

test("powershell: all that there is to complete is in it, in ASCII, whatever the console takes it for", () => {
  const script = scripts.powershell ?? "";
  expect(script).toMatch(/^[\n\x20-\x7e]+$/);
  const text = (words: string) => `'${words.replaceAll("'", "''")}'`;
  const entries = new Map(
    script.split(/^ {8}(?='[a-z-]+' = @\{$)/m).map((part) => [/^'([a-z-]+)'/.exec(part)?.[1], part]),
  );
  for (const { name, summary, options, operands } of grammar()) {
    const entry = entries.get(name) ?? "";
    const by = (what: typeof operands) =>
      what.kind === "words" ? `@(${what.words.map(text).join(", ")})` : text(what.kind);
    expect(entry).toContain(`Summary = ${text(summary)}\n`);
    expect(entry).toContain(`Operands = ${by(operands)}\n`);
    for (const { name: option, help, value } of options) {
      expect(entry).toContain(`'--${option}' = ${text(help)}\n`);
      if (value !== undefined) expect(entry).toContain(`'--${option}' = ${by(value.completed)}\n`);
    }
  }
});

test.each(shells)("%s reads it without a complaint", (shell) => {
  if (shell === "powershell" || (shell !== "bash" && lacks(shell))) return;
  using made = home();
  const { status, stderr } = spawnSync(shell, ["-n", join(made.path, `dlrpc.${shell}`)], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
});

test.each([
  ["no shell", [], /needs a shell: one of bash, zsh, fish, powershell/],
  ["a shell that is not known", ["tcsh"], /needs a shell, not `tcsh`: one of bash/],
  ["two", ["bash", "zsh"], /`zsh` is one too many/],
])("refused: %s", async (_, args, message) => {
  expect(await run(["completions", ...args])).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringMatching(message),
  });
});

describe("the manual page", () => {
  const page = join(projectRoot, "dist", "dlrpc.1");

  test("has each verb with each of its options, as the help has them", () => {
    const text = readFileSync(page, "utf8").replaceAll("\\-", "-");
    for (const { name, options } of verbs) {
      expect(text).toContain(`.B dlrpc ${name}\n`);
      for (const option of Object.keys(options)) expect(text).toContain(`\\fB--${option}\\fR`);
    }
  });

  test.skipIf(lacks("mandoc"))(
    "mandoc finds nothing in it but that it has no date: it is the same whenever it is made",
    () => {
      const { stdout, stderr } = spawnSync("mandoc", ["-Tlint", page], { encoding: "utf8" });
      const lines = `${stdout}${stderr}`.trim().split("\n");
      expect(lines.filter((line) => !line.includes("missing date"))).toEqual([]);
    },
  );

  test.skipIf(lacks("man"))("man shows it without a complaint", () => {
    const env = { ...process.env, MANWIDTH: "100", LC_ALL: "C.UTF-8" };
    const { stdout, stderr, status } = spawnSync("man", ["--warnings", "-l", page], { env, encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("validate PLUGIN…");
  });
});
