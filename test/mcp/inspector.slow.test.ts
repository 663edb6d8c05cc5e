// MCP Inspector's command line, in both ways in which it speaks MCP.

import { describe, expect, test } from "vitest";
import { buildOnDemand } from "../support/build-on-demand.ts";
import { fixturesDirectory } from "../support/paths.ts";
import { run } from "../support/run.ts";
import { TemporaryDirectory } from "../support/temporary-directory.ts";
import { inspectorProgram, lacksPeers } from "./support/peers.ts";
import { Wire } from "./support/wire.ts";

await buildOnDemand("search");

describe.skipIf(lacksPeers()).each(["legacy", "modern"])("MCP Inspector, %s", (era) => {
  async function inspect(plugin: string, ...options: string[]) {
    using home = new TemporaryDirectory(); // it keeps something there
    using wire = new Wire();
    const { command, args } = wire.command(["--trust", fixturesDirectory, "--only", plugin]);
    const outcome = await run(
      ["--cli", "--protocol-era", era, "--format", "json", ...options, "--", command, ...args],
      { program: [process.execPath, inspectorProgram], env: { HOME: home.path } },
    );
    expect(wire.requireForms()).toBeGreaterThan(0);
    return outcome;
  }

  test("G4: lists tools, and finds no fault with them", async () => {
    const { status, stdout, stderr } = await inspect("search-c", "--method", "tools/list", "--strict");
    expect([status, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout).result.tools).toMatchObject([{ name: "search-c", annotations: { readOnlyHint: true } }]);
  });

  test("G6: calls a tool, and G7: tells of a crash", async () => {
    const call = ["--method", "tools/call", "--tool-name", "hostile", "--tool-args-json"];
    const counted = await inspect("hostile", ...call, '{"do":"count"}');
    expect([counted.status, counted.stderr]).toEqual([0, ""]);
    expect(JSON.parse(counted.stdout).result.structuredContent).toMatchObject({ count: 1 });
    const crashed = await inspect("hostile", ...call, '{"do":"segv"}');
    expect(crashed.status).toBe(5); // by its own manual: the tool says isError
    expect(JSON.parse(crashed.stdout).result.content[0].text).toMatch(/^PLUGIN_CRASHED/);
  });
});
