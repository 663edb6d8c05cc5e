// The official clients, as hosts use them: the newest SDK in both of its ways, and the one that most hosts still have. All
// that passes between them and dlrpc is held to the schema of the revision that they speak.

import { describe, expect, test } from "vitest";
import { Gate } from "../support/gate.ts";
import { gone } from "../support/gone.ts";
import { fixturesDirectory } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { bad, good } from "../support/tool-manifests.ts";
import { clients } from "./support/official.ts";

describe.each(Object.entries(clients))("the official client %s", (_, connect) => {
  const fixtures = (...only: string[]) =>
    connect(["--trust", fixturesDirectory, ...only.flatMap((name) => ["--only", name])]);

  test("G4: lists all tools, however malformed what their plugins say", async () => {
    using directory = new PluginDirectory();
    const manifests = [
      ...Object.values(good),
      ...bad.map(([manifest]) => manifest),
      // Clients compile output schemas: what is wrong with an input schema is tried there as well.
      ...bad.flatMap(([manifest]) => ("input_schema" in manifest ? [{ output_schema: manifest.input_schema }] : [])),
    ];
    for (const [i, manifest] of manifests.entries()) directory.add(`tool-${100 + i}`, { manifest });
    await using client = await connect(["--trust", directory.path]);
    const tools = await client.tools();
    expect(tools.map(({ name }) => name)).toEqual(manifests.map((_, i) => `tool-${100 + i}`));
    for (const { inputSchema, annotations } of tools)
      expect([inputSchema.type, annotations.readOnlyHint]).toEqual(["object", expect.any(Boolean)]);
    expect(client.errors).toEqual([]);
  });

  test("G6: calls tools, and takes their output by its schema", async () => {
    using directory = new PluginDirectory();
    const manifest = { output_schema: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] } };
    directory.add("mirror", { library: "hostile", manifest });
    await using client = await connect(["--trust", directory.path]);
    await client.tools(); // by which it knows the schema
    const result = { do: "answer_input", success: true, files: ["/tmp/a b"], error: null };
    expect(await client.call("mirror", { ...result, output: { n: 5 } })).toMatchObject({
      structuredContent: { n: 5 },
      content: [
        { type: "text", text: '{"n":5}' },
        { type: "resource_link", uri: "file:///tmp/a%20b", name: "a b" },
      ],
    });
    expect(await client.call("mirror", { ...result, output: {} })).toMatchObject({ isError: true });
    expect(await client.call("mirror", { do: "segv" })).toMatchObject({ isError: true, content: [{ type: "text" }] });
    await expect(client.call("nowhere")).rejects.toMatchObject({ code: -32602 });
    expect(client.errors).toEqual([]);
  });

  test("G6: takes long results, and its connection survives those that are too long", async () => {
    await using client = await fixtures("hostile");
    const of = (mebibytes: number) => ({
      ...{ do: "answer_input", success: true, error: null, files: [] },
      output: { text: "x".repeat(mebibytes * 1024 * 1024) },
    });
    for (const mebibytes of [4, 9]) {
      const calls = [of(mebibytes), { do: "count" }].map((input) => client.call("hostile", input));
      const [{ structuredContent }] = await Promise.all(calls);
      expect(structuredContent.text).toHaveLength(mebibytes * 1024 * 1024);
    }
    expect(await client.call("hostile", of(11))).toMatchObject({ isError: true });
    expect((await client.call("hostile", { do: "count" })).isError).toBeUndefined();
    expect(client.errors).toEqual([]);
  });

  test("G8: hears of progress, G9: cancels, and goes on", async () => {
    await using gate = new Gate();
    await using client = await fixtures("hostile");
    const progress: number[] = [];
    const cancelling = new AbortController();
    const call = client.call(
      "hostile",
      { ...gate.input.input },
      // What comes in one piece with the answer these clients forget: the end is not heard of.
      { signal: cancelling.signal, onprogress: (told) => progress.push(told.progress) },
    );
    call.catch(() => {});
    await gate.reached();
    await expect.poll(() => progress).toEqual([0]);
    cancelling.abort("enough");
    await expect(call).rejects.toThrow();
    expect((await client.call("hostile", { do: "count" })).structuredContent.count).toBe(1);
    expect(client.errors).toEqual([]);
  });

  test("G10: closes it during a call, and nothing is left", async () => {
    await using gate = new Gate();
    const client = await fixtures("hostile");
    const { pid } = (await client.call("hostile", { do: "count" })).structuredContent;
    client.call("hostile", { ...gate.input.input }).catch(() => {});
    await gate.reached();
    const dlrpc = client.pid();
    await client[Symbol.asyncDispose]();
    await gone(pid);
    await gone(dlrpc);
  });
});
