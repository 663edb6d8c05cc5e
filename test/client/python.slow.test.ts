// protocol/dlrpc_client.py: its own tests, by unittest, with each Python that is here; its kinds, its types, and that it
// needs no newer Python than it says.

import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { errorKinds } from "../../protocol/error-kinds.ts";
import { type WantedName, wanted, wantedNames } from "../../protocol/wanted.ts";
import { fixturesDirectory, program, projectRoot } from "../support/paths.ts";
import { TemporaryDirectory } from "../support/temporary-directory.ts";
import { cleanEnvironment } from "./support.ts";

const protocol = join(projectRoot, "protocol");
const client = join(protocol, "dlrpc_client.py");
const tests = join(projectRoot, "test", "client", "python", "test_dlrpc_client.py");
const run = promisify(execFile);

const env = {
  ...cleanEnvironment,
  COMMAND: JSON.stringify([process.execPath, program]),
  FIXTURES: fixturesDirectory,
  PYTHONPATH: protocol,
  PYTHONDONTWRITEBYTECODE: "1",
};

const python = async (...args: string[]): Promise<string> => (await run("python3", args, { env })).stdout;

/** Debian has one Python; machines with more run the oldest, too. */
const pythons = ["python3", "python3.9"].filter(
  (name) => spawnSync(name, ["-c", ""], { stdio: "ignore" }).status === 0,
);

describe.skipIf(lacks("python3"))("the client for Python", () => {
  test.each(pythons)("its tests pass with %s, and every warning is an error", async (name) => {
    const { stderr } = await run(name, ["-X", "dev", "-W", "error", tests], { env });
    expect(stderr).toMatch(/^Ran \d\d tests in .*\n\nOK\n$/m);
  });

  test("every kind of the protocol has a class with its code", async () => {
    const code = `import dlrpc_client, json
print(json.dumps({kind: [error.__name__, error.code] for kind, error in dlrpc_client._CLASSES.items()}))`;
    const { CONNECTION_LOST, UNREADABLE_ANSWER, ...known } = JSON.parse(await python("-c", code));
    expect([CONNECTION_LOST, UNREADABLE_ANSWER].map(([name]) => name)).toEqual([
      "ConnectionLostError",
      "UnreadableAnswerError",
    ]);
    const codes = Object.entries(errorKinds).map(([kind, { code }]) => [kind, code]);
    expect(Object.entries(known as Record<string, [string, number]>).map(([kind, [, code]]) => [kind, code])).toEqual(
      codes,
    );
  });

  test("every notification of the protocol has its listener, of the host or of a call", async () => {
    const code = `import dlrpc_client as client, inspect, json
named = lambda function: [name[3:] for name in inspect.signature(function).parameters if name.startswith("on_")]
host = client.Dlrpc(**{f"on_{name}": print for name in named(client.Dlrpc.__init__)})
print(json.dumps({"host": list(host._listeners), "call": named(client._Base.start)}))`;
    const { host, call } = JSON.parse(await python("-c", code)) as { host: WantedName[]; call: WantedName[] };
    expect([...host, ...call].toSorted()).toEqual(wantedNames.toSorted());
    expect(host.map((name) => `plugin/${name}`)).toEqual(host.map((name) => wanted[name])); // as the client names them
  });

  test("an older Python reads it: 3.9", async () => {
    const code = `import ast, sys\nast.parse(open(sys.argv[1]).read(), feature_version=(3, 9))`;
    await python("-c", code, client);
  });

  test.skipIf(lacks("mypy"))("its types are whole, and it uses nothing that is newer than Python 3.9", async () => {
    using cache = new TemporaryDirectory();
    const { stdout } = await run("mypy", ["--strict", "--python-version=3.9", `--cache-dir=${cache.path}`, client]);
    expect(stdout).toBe("Success: no issues found in 1 source file\n");
  });
});
