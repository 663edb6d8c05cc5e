// What plugins say while a call runs, as MCP tells it.

import { afterAll, beforeAll, expect, test } from "vitest";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { addReporter } from "../support/reporter.ts";
import { LEGACY, McpClient, STATELESS } from "./support/client.ts";

let plugins: PluginDirectory;

beforeAll(async () => {
  plugins = new PluginDirectory();
  await addReporter(plugins);
});
afterAll(() => plugins[Symbol.dispose]());

interface Told {
  progressToken: unknown;
  progress: number;
  total?: number;
  message?: string;
}

const told = (client: McpClient) =>
  client.messages
    .filter(({ method }) => method === "notifications/progress")
    .map(({ params }) => params as unknown as Told);

test.each([STATELESS, LEGACY])(
  "G8: what the plugin reports is told, rising, between begin and end (%s)",
  async (revision) => {
    await using client = await McpClient.begun({ trust: [plugins.path], revision });
    await client.call("reporter", { do: "report-often" }, { progressToken: "p" });
    await client.over();
    const all = told(client);
    expect(all[0]).toEqual({ progressToken: "p", progress: 0 });
    expect(all.at(-2)).toEqual({ progressToken: "p", progress: 1_000_000, total: 1_000_000 });
    for (const [i, { progress }] of all.entries())
      if (i > 0) expect(progress).toBeGreaterThan(all[i - 1]?.progress ?? 0);
    const end = all.at(-1);
    expect(end?.progress).toBe(end?.total);
  },
);

test("G8: without a token nothing is told, whatever the plugin says", async () => {
  await using client = new McpClient({ trust: [plugins.path] });
  await client.call("reporter", { do: "report-often" });
  await client.over();
  expect(told(client)).toEqual([]);
});

test("G9: a plugin that is asked to stop, and does, keeps its process; nothing more is written for the call", async () => {
  await using client = new McpClient({ trust: [plugins.path], args: ["--cancel-grace-ms", "60000"] });
  const id = client.startCall("reporter", { do: "report-often-and-rest" }, { progressToken: 1 });
  await client.until(({ params }) => (params as Told | undefined)?.progress === 1_000_000);
  expect(told(client).at(-1)).toEqual({ progressToken: 1, progress: 1_000_000, total: 1_000_000 });
  client.notify("notifications/cancelled", { requestId: id });
  const count = told(client).length;
  expect((await client.call("reporter", { do: "report-often" })).isError).toBeUndefined();
  await client.over();
  expect(client.messages.filter((message) => message.id === id)).toEqual([]);
  expect(told(client)).toHaveLength(count);
});
