// What plugins notice of the threads that they are called on.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectedOf, TOGETHER } from "./expected.ts";
import { ordered, rows, Scene } from "./scene.ts";

const of = (name: string) => rows.filter((row) => row.name === name);

test.each(of("cpp"))("C++, $profile: objects of each thread are destroyed at the unload, by then", async (row) => {
  await using scene = await Scene.of(row.name, { profile: row.profile });
  await scene.call(await expectedOf(row.name, scene));
  await scene.unload();
  expect(readFileSync(join(scene.workspace.path, "farewells"), "utf8")).toBe("x".repeat(TOGETHER));
});

test.each(of("cpp"))("C++, $profile: std::cout is told line by line", async (row) => {
  await using scene = await Scene.of(row.name, { profile: row.profile });
  await scene.call(await expectedOf(row.name, scene));
  const said = () =>
    scene.host.messages.filter(({ params }) => params?.stream === "stdout").map(({ params }) => params?.text);
  await scene.host.until(() => said().join("").length === TOGETHER * "said by std::cout\n".length);
  expect(said().join("")).toBe("said by std::cout\n".repeat(TOGETHER));
});

test.each(of("stack").filter(({ profile }) => profile !== "strict"))(
  "$profile: the stack is large where whoever started dlrpc has a small limit",
  async (row) => {
    const through = ["sh", "-c", 'ulimit -S -s 2048 && exec "$@"', "sh"];
    await using scene = await Scene.of(row.name, { profile: row.profile }, { through });
    const expected = await expectedOf(row.name, scene);
    expect(await scene.call(expected)).toEqual(ordered(expected.outputs));
  },
);
