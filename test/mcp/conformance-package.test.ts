// The conformance package of MCP, which tests servers over HTTP only: through a shim (http-shim.ts). peers/REVISION.yaml says
// which of its scenarios are no matter of dlrpc's, and why; it fails also where one of those passes.

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileLibrary } from "../../fixtures/compile.ts";
import { projectRoot } from "../support/paths.ts";
import { PluginDirectory, type PluginOptions } from "../support/plugin-directory.ts";
import { run } from "../support/run.ts";
import { HttpShim } from "./support/http-shim.ts";
import { conformanceProgram, lacksPeers, peersDirectory } from "./support/peers.ts";

/** The scenario json-schema-2020-12 looks for these words. */
const input_schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: { address: { $anchor: "addressDef", type: "object", properties: { street: { type: "string" } } } },
  properties: { address: { $ref: "#/$defs/address" }, phone: { type: "string" }, email: { type: "string" } },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { required: ["phone"] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
};

/** The tools that its scenarios call, where a plugin can be one: by the sources in fixtures/scenarios. */
const tools: Readonly<Record<string, { source: string } & Pick<PluginOptions, "manifest">>> = {
  test_simple_text: { source: "answers" },
  test_error_handling: { source: "fails" },
  test_tool_with_progress: { source: "reports" },
  json_schema_2020_12_tool: { source: "answers", manifest: { input_schema } },
};

describe.skipIf(lacksPeers())("the conformance package", () => {
  test.each(["2025-11-25", "2026-07-28"])(
    "has all that is a matter of dlrpc's in %s",
    { timeout: 180_000 },
    async (revision) => {
      using directory = new PluginDirectory();
      for (const [name, { source, manifest = {} }] of Object.entries(tools)) {
        const output = join(directory.path, `${source}.so`);
        const sources = [join(projectRoot, "fixtures", "scenarios", `${source}.c`)];
        await compileLibrary({ language: "c", sources, output });
        directory.add(name, { library: output, manifest });
      }
      await using shim = await HttpShim.start({ trust: [directory.path], args: ["--log-level", "error"] });
      const exceptions = join(peersDirectory, `${revision}.yaml`);
      const outcome = await run(
        ["server", "--url", shim.url, "--suite", "all", "--spec-version", revision, "--expected-failures", exceptions],
        { program: [process.execPath, conformanceProgram] },
      );
      expect([outcome.status, outcome.stdout]).toEqual([0, expect.stringContaining("=== SUMMARY ===")]);
    },
  );
});
