// Owns following one request through dlrpc as it was built: the functions that it enters, in order, in the server and in
// the worker.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPlugins } from "../../fixtures/plugins.ts";
import { Host } from "../support/host.ts";
import { fixturesDirectory, plugin } from "../support/paths.ts";
import { ProgramCopy } from "../support/program-copy.ts";
import { notedServer, serverScript } from "./noted-server.ts";
import { compileNotedWorker } from "./noted-worker.ts";
import type { Place } from "./place.ts";

/** A function that was entered. */
export interface Entered extends Place {
  /** How many functions of the same program called it, one the other. */
  readonly depth: number;
  /** It was entered earlier, to wait, and returns now. */
  readonly returns: boolean;
}

/** The plugin that the requests are about: it answers with its input. */
const subject = "echo";
/** What a confined worker does not do: write to the file of notes. */
const sandbox = { profile: "none" };

const nothing = async () => ({});
const path = async () => ({ path: plugin(subject) });
const load = async () => ({ ...(await path()), sandbox });
const handle = async (host: Host) => ({ handle: (await host.result("plugin/load", await load())).handle });

/** What comes before a request, and gives its params. */
const preparations: Readonly<Record<string, (host: Host) => Promise<object>>> = {
  "plugin/load": load,
  "plugin/metadata": handle,
  "plugin/execute": async (host) => ({ ...(await handle(host)), input: { name: "Ada" } }),
  "plugin/reload": handle,
  "plugin/unload": handle,
  "plugin/list": nothing,
  "plugin/discover": nothing,
  "plugin/validate": path,
  "rpc.discover": nothing,
};

/** The methods that can be traced: all but those that a host asks for once. */
export const traceable = Object.keys(preparations);

/** @param method one of `traceable` */
export async function trace(method: string): Promise<Entered[]> {
  const prepare = preparations[method];
  if (prepare === undefined) throw new Error(`${method} is none of ${traceable.join(", ")}`);
  await buildPlugins(fixturesDirectory, [subject]);
  const directory = mkdtempSync(join(tmpdir(), "dlrpc-trace-"));
  try {
    const notes = join(directory, "notes");
    const { text, places } = await notedServer(notes);
    const placesInWorker = compileNotedWorker(join(directory, "worker"), notes);
    using copy = new ProgramCopy();
    writeFileSync(join(copy.directory, serverScript), text);
    copy.useWorker(join(directory, "worker"));
    await using host = new Host({ program: copy.command });
    await host.result(method, await prepare(host)); // what runs once only
    const params = await prepare(host);
    const { size } = statSync(notes);
    await host.result(method, params);
    const noted = enteredIn(readFileSync(notes, "latin1").slice(size));
    const addresses = [...new Set(noted.flatMap(({ address }) => address ?? []))];
    const inWorker = new Map(placesInWorker(addresses).map((place, index) => [addresses[index], place]));
    return noted.flatMap(({ index, address, ...how }) => {
      const place = index === undefined ? inWorker.get(address) : places[index];
      return place === undefined ? [] : [{ ...place, ...how }];
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

interface Noted extends Pick<Entered, "depth" | "returns"> {
  /** Of a function of the server. */
  readonly index?: number;
  /** Of one of the worker. */
  readonly address?: string;
}

/** What the worker leaves right behind a line of the server's it had entered earlier, to wait for that. */
function enteredIn(notes: string): Noted[] {
  const entered: Noted[] = [];
  let hasWaited = false;
  for (const line of notes.split("\n").slice(0, -1)) {
    const [what, which = "", depth = ""] = line.split(" ");
    if (what !== "left") hasWaited = what === "called";
    if (what === "called") entered.push({ depth: Number(depth), index: Number(which), returns: false });
    else if (what === "entered" || hasWaited)
      entered.push({ depth: Number(depth), address: which, returns: what === "left" });
  }
  return entered;
}
