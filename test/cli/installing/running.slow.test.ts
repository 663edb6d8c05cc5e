// What is installed or removed while a dlrpc serves an agent: it hears of it.

import { expect, test } from "vitest";
import { McpClient, STATELESS } from "../../mcp/support/client.ts";
import { zip } from "./archives.ts";
import { goodFiles, OperatorHome } from "./home.ts";

test("a plugin that is installed, updated and removed is announced to agents, and the new one is called", async () => {
  using home = new OperatorHome();
  home.directory(".vtcode/plugins");
  home.file("1.zip", zip(goodFiles({ version: "1.0.0", title: "One" })));
  home.file("2.zip", zip(goodFiles({ version: "2.0.0", title: "Two" })));
  await using client = await McpClient.begun({ trust: [home.plugins], revision: STATELESS });
  client.start("subscriptions/listen", { notifications: { toolsListChanged: true } });
  await client.until(({ method }) => method === "notifications/subscriptions/acknowledged");
  await client.result("tools/list");

  /** Runs dlrpc, and waits until a change is announced after which the tools have these titles. */
  const titlesAfter = async (args: readonly string[], titles: readonly string[]) => {
    const changes = () => client.messages.filter(({ method }) => method === "notifications/tools/list_changed").length;
    let heard = changes();
    expect((await home.run(...args)).status).toBe(0);
    for (;;) {
      await client.until(() => changes() > heard);
      heard = changes();
      const { tools } = await client.result("tools/list");
      if (tools.map(({ title }: { title: string }) => title).join() === titles.join()) return;
    }
  };
  await titlesAfter(["install", "1.zip"], ["One"]);
  expect((await client.call("made")).isError).not.toBe(true);
  await titlesAfter(["update", "2.zip"], ["Two"]);
  expect((await client.call("made")).isError).not.toBe(true);
  await titlesAfter(["remove", "made"], []);
  await client.over();
});
