// Owns what a plugin says before its answer: how long a report of progress takes, how many partial results a second arrive,
// and what others notice of a flood.

import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { buildStreaming, compileProgram } from "./build.ts";
import { Client } from "./client.ts";
import type { Messages } from "./messages.ts";
import { builtDirectory, echoDirectory, streamingDirectory } from "./paths.ts";
import type { Program } from "./programs.ts";

/** One sample a round. */
export interface Streams {
  /** Nanoseconds from a report of 100 bytes in the plugin, or the worker, to the host. */
  readonly progress: { readonly dlrpc: number[]; readonly pair: number[] };
  /** Partial results of 100 bytes a second; `pipe`: between two programs in C, in the same framing. */
  readonly values: { readonly dlrpc: number[]; readonly pipe: number[] };
  /** p99 of another plugin's calls, in nanoseconds: alone, and beside 64 threads that report, or that ask. */
  readonly others: { readonly quiet: number[]; readonly flood: number[]; readonly spin: number[] };
}

const VALUES = 100_000;
const REPORTS = 2000;
const CALLS = 2000;
const SECONDS = 1;
const THREADS = 64;
/** Until all threads are there. */
const BEGIN_MS = 100;

/** Pinned to no core: several processes work at once. */
export async function measureStreams(
  dlrpc: Program,
  rounds: number,
  messages: Messages,
  say: (what: string) => void,
): Promise<Streams> {
  await buildStreaming();
  const streamer = compileProgram("peers/streamer.c", join(builtDirectory, "streamer"));
  const relay = compileProgram("peers/relay.c", join(builtDirectory, "relay"));
  const found: Streams = {
    progress: { dlrpc: [], pair: [] },
    values: { dlrpc: [], pipe: [] },
    others: { quiet: [], flood: [], spin: [] },
  };
  const ours = await Session.start(dlrpc, messages);
  const pair = new Client({ framing: "headers", command: [relay, streamer] });
  const pipe = new Client({ framing: "headers", command: [streamer] });
  const call = (input: object) => messages.message("plugin/execute", { input });
  for (let round = -1; round < rounds; round++) {
    say(`streams, round ${round + 1}`);
    const late = {
      dlrpc: (await ours.gather({ progress: true }, REPORTS)).late,
      pair: (await pair.gather(call({ progress: true }), REPORTS)).late,
    };
    const rates = {
      dlrpc: rate(await ours.gather({ values: VALUES }, 1)),
      pipe: rate(await pipe.gather(call({ values: VALUES }), 1)),
    };
    const others = {
      quiet: await ours.p99(),
      flood: await ours.p99({ flood: THREADS }),
      spin: await ours.p99({ spin: THREADS }),
    };
    if (round < 0) continue; // to warm up
    found.progress.dlrpc.push(late.dlrpc);
    found.progress.pair.push(late.pair);
    found.values.dlrpc.push(rates.dlrpc);
    found.values.pipe.push(rates.pipe);
    for (const [name, ns] of Object.entries(others)) found.others[name as keyof typeof others].push(ns);
  }
  await Promise.all([ours, pair, pipe].map((each) => each.end()));
  return found;
}

function rate({ notifications, ns }: { notifications: number; ns: number }): number {
  return (notifications / ns) * 1e9;
}

/** A dlrpc with both plugins, which is asked for all that can be asked for. */
class Session {
  private readonly client: Client;
  private readonly messages: Messages;
  private streaming = "";
  private echo = "";

  private constructor({ framing, command }: Program, messages: Messages) {
    this.client = new Client({ framing, command });
    this.messages = messages;
  }

  static async start(program: Program, messages: Messages): Promise<Session> {
    const session = new Session(program, messages);
    await session.client.ask(messages.message("initialize", { notifications: ["progress", "output"] }));
    session.streaming = await session.load(streamingDirectory);
    session.echo = await session.load(echoDirectory);
    return session;
  }

  gather(input: object, times: number): ReturnType<Client["gather"]> {
    return this.client.gather(this.execute({ input }), times);
  }

  /** Of the echo plugin's calls. @param beside what the streaming plugin does meanwhile */
  async p99(beside?: object): Promise<number> {
    const { client, messages } = this;
    const file = messages.call("dlrpc", this.echo, "string", 100);
    if (beside === undefined) return (await client.latency(file, CALLS, SECONDS)).p99;
    await client.tell(this.execute({ input: beside, cancelGraceMs: 60_000 }));
    await setTimeout(BEGIN_MS);
    const { p99 } = await client.latency(file, CALLS, SECONDS);
    await client.ask(messages.notification("$/cancelRequest", { id: 1 }));
    await client.ask(messages.message("plugin/list", {}));
    return p99;
  }

  end(): Promise<number> {
    return this.client.end();
  }

  private execute(params: object): string {
    return this.messages.message("plugin/execute", { handle: this.streaming, progressToken: 1, ...params });
  }

  private async load(path: string): Promise<string> {
    const { answer } = await this.client.ask(this.messages.message("plugin/load", { path }));
    const handle = /"handle":"([^"]+)"/.exec(answer)?.[1];
    if (handle === undefined) throw new Error(`${path} does not load: ${answer}`);
    return handle;
  }
}
