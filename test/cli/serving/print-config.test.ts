// A14: dlrpc mcp --print-config: the entry for each host's configuration, from which dlrpc starts as it was asked to.

import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lacks } from "../../../fixtures/tools.ts";
import { program } from "../../support/paths.ts";
import { run } from "../../support/run.ts";

let directory: string;

beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-config-")));
});

afterAll(() => rmSync(directory, { recursive: true }));

function printed(host: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  return run(["mcp", ...args, `--print-config=${host}`], { cwd: directory, env: { HOME: homedir(), ...env } });
}

const command = process.execPath;
const started = [program, "mcp"];

test.each([
  [
    "claude",
    { mcpServers: { plugins: { command, args: started } } },
    /Claude.*claude_desktop_config\.json.*\.mcp\.json/,
  ],
  [
    "vscode",
    { servers: { plugins: { type: "stdio", command, args: started } } },
    /Code.*mcp\.json.*\.vscode\/mcp\.json/,
  ],
  ["cursor", { mcpServers: { plugins: { command, args: started } } }, /\.cursor\/mcp\.json/],
  ["zed", { context_servers: { plugins: { command, args: started } } }, /zed\/settings\.json/],
  ["gemini", { mcpServers: { plugins: { command, args: started } } }, /\.gemini\/settings\.json/],
])("for %s: the entry alone on stdout, and on stderr where it belongs", async (host, entry, place) => {
  const { status, stdout, stderr } = await printed(host);
  expect([status, JSON.parse(stdout)]).toEqual([0, entry]);
  expect(stderr).toMatch(/^This belongs in \/.*\.\n$/);
  expect(stderr).toMatch(place);
});

const awkward = ['--only=a "quoted" \\ one', "--only=two\nlines", "--only=del\u007f ü"];

test.skipIf(lacks("python3"))("for codex: TOML, whatever is in the arguments", async () => {
  const { status, stdout, stderr } = await printed("codex", awkward);
  expect([status, stderr]).toEqual([0, expect.stringMatching(/\/\.codex\/config\.toml\.\n$/)]);
  const script = "import json, sys, tomllib; print(json.dumps(tomllib.loads(sys.stdin.read())))";
  const parsed = spawnSync("python3", ["-c", script], { input: stdout, encoding: "utf8" });
  expect(JSON.parse(parsed.stdout)).toEqual({ mcp_servers: { plugins: { command, args: [...started, ...awkward] } } });
});

test("all options are there but itself, with absolute paths", async () => {
  const args = [
    ...["--trust", "plugins", "--trust=/abs", "--workspace", ".", "--strict-permissions"],
    ...["--grant", "hello:read=data", "--grant=hello:write=/tmp", "--grant=hello:network"],
    ...["--grant-requested", "hello", "--timeout-ms", "500"],
  ];
  const { stdout } = await printed("cursor", args);
  expect(JSON.parse(stdout).mcpServers.plugins.args.slice(2).sort()).toEqual(
    [
      ...[`--trust=${join(directory, "plugins")}`, "--trust=/abs", `--workspace=${directory}`, "--strict-permissions"],
      ...[`--grant=hello:read=${join(directory, "data")}`, "--grant=hello:write=/tmp", "--grant=hello:network"],
      ...["--grant-requested=hello", "--timeout-ms=500"],
    ].sort(),
  );
});

test("what is printed starts dlrpc, from anywhere", async () => {
  const { stdout } = await printed("vscode", ["--trust", "plugins"]);
  const { plugins } = JSON.parse(stdout).servers;
  const outcome = await run(plugins.args.slice(1), { program: [plugins.command, plugins.args[0]], cwd: "/" });
  expect(outcome).toMatchObject({ status: 0, stdout: "" });
});

test.each([
  ["a host that is not known", ["--print-config=emacs"], /--print-config is `emacs`, one of claude, vscode, cursor/],
  ["no host", ["--print-config"], /--print-config needs a value: --print-config claude\|vscode/],
  ["another option that is wrong", ["--print-config=zed", "--grant=hello"], /--grant is `hello`/],
])("refused: %s", async (_, args, message) => {
  const { status, stdout, stderr } = await run(["mcp", ...args]);
  expect([status, stdout, stderr]).toEqual([2, "", expect.stringMatching(message)]);
});
