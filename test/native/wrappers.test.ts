// X1, X6: dlrpc_plugin.hpp, .rs and .go in full: on other threads, for a call that is over, and where there is no deadline.

import { join } from "node:path";
import { expect, test } from "vitest";
import { compileLibrary, type Language } from "../../fixtures/compile.ts";
import { lacks, type ToolName } from "../../fixtures/tools.ts";
import { Host } from "../support/host.ts";
import { projectRoot } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";

const inProtocol = (name: string) => join(projectRoot, "protocol", name);

interface Wrapper {
  readonly language: Language;
  readonly compiler: ToolName;
  readonly beside: readonly string[];
}

const wrappers: Record<string, Wrapper> = {
  cpp: { language: "c++", compiler: "c++", beside: [] },
  rs: { language: "rust", compiler: "rustc", beside: [] },
  go: { language: "go", compiler: "go", beside: ["dlrpc_plugin.go", "dlrpc_plugin.h", "vtcode_plugin.h"] },
};

for (const [extension, { language, compiler, beside }] of Object.entries(wrappers)) {
  test.skipIf(lacks(compiler))(`dlrpc_plugin.${extension} does in threads what it does in the call`, async () => {
    using files = new PluginDirectory();
    const source = join(projectRoot, "fixtures", "wrappers", `wrapper.${extension}`);
    const library = join(files.path, "built", "wrapper.so");
    await compileLibrary({ language, sources: [source, ...beside.map(inProtocol)], output: library });
    files.add("wrapper", { library });
    await using host = new Host({ trust: [files.path] });
    await host.result("initialize", { notifications: ["progress", "output", "log"] });
    const { handle } = await host.result("plugin/load", { name: "wrapper" });

    const over = { handedOver: false, isToStop: true, remainingMs: 0 };
    const first = await host.result("plugin/execute", { handle, progressToken: "first" });
    const passedOn = { handedOver: true, isToStop: false, remainingMs: null };
    expect(first.output).toEqual({ passedOn, ownOfThread: over, earlier: null });
    const second = await host.result("plugin/execute", { handle, timeoutMs: 1_000_000 });
    expect(second.output).toMatchObject({ passedOn: { handedOver: true, isToStop: false }, earlier: over });
    expect(second.output.passedOn.remainingMs).toBeGreaterThan(0);
    expect(second.output.passedOn.remainingMs).toBeLessThanOrEqual(1_000_000);

    const told = (method: string) =>
      host.messages.flatMap((message) => (message.method === method ? [message.params] : []));
    expect(told("plugin/output").map((params) => params?.value)).toEqual(["passed on", "passed on"]);
    const report = { kind: "report", percentage: 25, message: "in a thread", done: 1, total: 4 };
    expect(told("$/progress")).toContainEqual({ token: "first", value: report });
    const levels = { error: "e", warn: "w", info: "i", debug: "d" };
    const said = told("plugin/log").map((params) => [params?.level, params?.text]);
    expect(said).toEqual([...Object.entries(levels), ...Object.entries(levels)]);
  });
}
