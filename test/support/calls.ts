// Calls of plugins as scenarios: start one, know that it runs, see in which order the answers came.

import type { Gate } from "./gate.ts";
import { Host, type HostOptions, type Message } from "./host.ts";

/** A host that is told when calls begin and when processes end. */
export async function watchingHost(options: HostOptions = {}): Promise<Host> {
  const host = new Host(options);
  await host.result("initialize", { notifications: ["progress", "exited", "log"] });
  return host;
}

/** Starts a call of the hostile plugin. @returns its id */
export function start(host: Host, handle: string, what: string, params: object = {}): number {
  return host.start("plugin/execute", { handle, input: { do: what }, ...params });
}

/** Calls the hostile plugin. @returns the answer */
export function call(host: Host, handle: string, what: string, params: object = {}): Promise<Message> {
  return host.answer(start(host, handle, what, params));
}

/** Starts a call of the hostile plugin that waits at the gate, and waits until it stands there. @returns its id */
export async function startAtGate(host: Host, handle: string, gate: Gate, params: object = {}): Promise<number> {
  const id = start(host, handle, "wait_at_gate", { ...gate.input, ...params });
  const early = host.answer(id).then(({ text }) => {
    throw new Error(`the call was answered before it reached the gate: ${text}`);
  });
  early.catch(() => {}); // once the gate is open that is as it should be
  await Promise.race([gate.reached(), early]);
  return id;
}

let lastToken = 0;

/** Starts a call of a watching host's hostile plugin and waits until it runs. @returns its id */
export async function begin(host: Host, handle: string, what: string, params: object = {}): Promise<number> {
  const progressToken = `call ${++lastToken}`;
  const id = start(host, handle, what, { progressToken, ...params });
  await host.until(({ method, params }) => method === "$/progress" && params?.token === progressToken);
  return id;
}

export function cancel(host: Host, id: number | string): void {
  host.notify("$/cancelRequest", { id });
}

/** The ids of the answers so far, in the order in which they came. */
export function answered(host: Host): (string | number | null)[] {
  return host.messages.flatMap(({ id, method }) => (id === undefined || method !== undefined ? [] : [id]));
}

/** How the handle's process ended; waits for that. @param nth which of its processes, counted from 1 */
export async function exited(host: Host, handle: string, nth = 1): Promise<Record<string, unknown>> {
  const ends = () => host.messages.filter((m) => m.method === "plugin/exited" && m.params?.handle === handle);
  await host.until(() => ends().length >= nth);
  return ends()[nth - 1]?.params ?? {};
}

/** What plugin/list says of a handle. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks
export async function listed(host: Host, handle: string): Promise<any> {
  const { plugins } = await host.result("plugin/list");
  return plugins.find((plugin: { handle: string }) => plugin.handle === handle);
}
