// What the client's tests share: the built client with the built program and the fixtures.

import { once } from "node:events";
import {
  type DlrpcHost,
  type ExecuteOptions,
  type Plugin,
  type RestartedEvent,
  type RestartOptions,
  type SpawnOptions,
  spawnDlrpc,
} from "dlrpc/client";
import { fixturesDirectory } from "../support/paths.ts";

/** An environment in which nothing is trusted but what a test says. */
export const cleanEnvironment = { ...process.env, HOME: "/nonexistent", DLRPC_TRUSTED_DIRS: "" };

export function spawnHost(options: SpawnOptions = {}): Promise<DlrpcHost> {
  return spawnDlrpc({ trust: [fixturesDirectory], env: cleanEnvironment, ...options });
}

/** Without end, and without longer and longer pauses. */
const often: RestartOptions = { maxRestarts: 1000, windowMs: 1, backoffMs: 1 };

export function spawnOften(options: SpawnOptions = {}): Promise<DlrpcHost> {
  return spawnHost({ restart: often, ...options });
}

/** Kills dlrpc and waits until it has come back. */
export async function killed(host: DlrpcHost): Promise<RestartedEvent> {
  const restarted = once(host, "restarted");
  process.kill(host.pid, "SIGKILL");
  return (await restarted)[0];
}

/** Starts a call and waits until it runs. */
export async function begin(plugin: Plugin, input: object, options: ExecuteOptions = {}) {
  const begun = Promise.withResolvers<void>();
  const result = plugin.execute(input, {
    ...options,
    onProgress: ({ kind }) => kind === "begin" && begun.resolve(),
  });
  result.catch(() => {}); // a test looks at it later
  await Promise.race([begun.promise, result]);
  return { result };
}

/** The error that a promise must reject with. */
export async function failure<Failure>(
  promise: Promise<unknown>,
  type: new (...args: never[]) => Failure,
): Promise<Failure> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!("error" in outcome)) throw new Error(`it did not fail: ${JSON.stringify(outcome.value)}`);
  if (outcome.error instanceof type) return outcome.error;
  throw outcome.error;
}
