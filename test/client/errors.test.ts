// Errors as users of the client meet them.

import * as client from "dlrpc/client";
import { expect, test } from "vitest";
import { errorKinds } from "../../protocol/error-kinds.ts";
import { errorFromResponse } from "../../src/client/errors/error-classes.ts";
import { plugin as pathOf } from "../support/paths.ts";
import { failure, spawnHost } from "./support.ts";

const { DlrpcError, InvalidParamsError, PluginCrashedError, UnknownHandleError } = client;

test("every kind of the protocol has a class with its code", () => {
  const classes = Object.values(client).filter((value) => Object.getPrototypeOf(value) === DlrpcError);
  const made = classes
    .filter((type) => type !== client.ConnectionLostError)
    .map((type) => new (type as client.ErrorClass<client.ErrorKind>)("message"));
  expect(Object.fromEntries(made.map(({ kind, code }) => [kind, code]))).toEqual(
    Object.fromEntries(Object.entries(errorKinds).map(([kind, { code }]) => [kind, code])),
  );
  const exported = new Map<string, unknown>(Object.entries(client));
  for (const error of made) expect(exported.get(error.name)).toBe(error.constructor);
});

test("a crash is told with the plugin's last words", async () => {
  await using host = await spawnHost();
  const plugin = await host.load(pathOf("hostile"));
  const error = await failure(plugin.execute({ do: "segv" }), PluginCrashedError);
  expect(error).toBeInstanceOf(DlrpcError);
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(UnknownHandleError);
  expect(error).toMatchObject({ name: "PluginCrashedError", kind: "PLUGIN_CRASHED", code: -32021 });
  expect(error.data).toMatchObject({ handle: plugin.handle, signal: "SIGSEGV", exitCode: null });
  expect(error.data.stderrTail).toBe("about to fall\n");
  expect(error.hint).toBe(errorKinds.PLUGIN_CRASHED.hint);
  expect(error.message).toContain("SIGSEGV");
});

test("an error's stack leads to the call that failed", async () => {
  await using host = await spawnHost();
  const plugin = await host.load(pathOf("hostile"));
  async function callOfTheTest() {
    await plugin.execute({ do: "abort" });
  }
  const error = await failure(callOfTheTest(), PluginCrashedError);
  expect(error.stack).toContain("callOfTheTest");
});

test("wrong params are told one by one", async () => {
  await using host = await spawnHost();
  const wrong = { path: 7, timeoutMs: 0 } as unknown as client.LoadOptions & { path: string };
  const { data } = await failure(host.load(wrong), InvalidParamsError);
  expect(data.issues.map(({ path }) => path).sort()).toEqual(["path", "timeoutMs"]);
});

test("an error of a kind that the client does not know is a DlrpcError like any other", () => {
  const error = errorFromResponse(-32099, "The moon is full", { kind: "MOON_FULL", hint: "Wait." });
  expect(error.name).toBe("DlrpcError");
  const data = { kind: "MOON_FULL", hint: "Wait." };
  expect(error).toMatchObject({ kind: "UNKNOWN_KIND", data, code: -32099, hint: "Wait.", message: "The moon is full" });
});

test("an error without data is known by its code", () => {
  expect(errorFromResponse(-32601, "No such method", undefined).constructor.name).toBe("MethodNotFoundError");
  expect(errorFromResponse(-1, "Odd", null)).toMatchObject({ kind: "INTERNAL_ERROR" });
});
