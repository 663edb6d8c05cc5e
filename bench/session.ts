// Owns a program that has been started, has the echo plugin loaded, and waits to be measured.

import { setTimeout } from "node:timers/promises";
import { Client } from "./client.ts";
import { META, type Messages } from "./messages.ts";
import { echoDirectory } from "./paths.ts";
import type { Shape } from "./payloads.ts";
import type { Program } from "./programs.ts";

/** It takes no more to write a profile. */
const profileMs = 2000;

export class Session {
  readonly client: Client;
  private readonly program: Program;
  private readonly messages: Messages;
  /** The last one that was loaded. */
  private handle = "";

  private constructor(program: Program, messages: Messages, core: number | undefined) {
    const { framing, command } = program;
    this.client = new Client({ framing, command, core });
    this.program = program;
    this.messages = messages;
  }

  /** @param params of the load of the plugin */
  static async start(program: Program, messages: Messages, core?: number, params?: object): Promise<Session> {
    const session = new Session(program, messages, core);
    try {
      if (program.dialect === "dlrpc") await session.load(params);
      else await (program.dialect === "mcp" ? session.initializeMcp() : session.discover());
    } catch (error) {
      throw new Error(`${program.name} does not start`, { cause: error });
    }
    return session;
  }

  /** Loads the plugin, perhaps once more. Resolves with how long that took, in nanoseconds. */
  async load(params: object = { path: echoDirectory }): Promise<number> {
    const { answer, ns } = await this.client.ask(this.messages.message("plugin/load", params));
    const handle = /"handle":"([^"]+)"/.exec(answer)?.[1];
    if (handle === undefined) throw new Error(`the plugin does not load: ${answer}`);
    this.handle = handle;
    return ns;
  }

  /** Unloads the plugin that was loaded last, loads it again and calls it. Resolves with nanoseconds. */
  async replace(): Promise<number> {
    const { client, messages, handle } = this;
    const unloaded = await client.ask(messages.message("plugin/unload", { handle }));
    const loaded = await this.load();
    const called = await client.ask(messages.message("plugin/execute", { handle: this.handle, input: {} }));
    if (!called.answer.includes('"success":true'))
      throw new Error(`the call of ${this.handle} failed: ${called.answer}`);
    return unloaded.ns + loaded + called.ns;
  }

  /** The file with a call whose input has about that many bytes. */
  call(shape: Shape, bytes: number): string {
    return this.messages.call(this.program.dialect, this.handle, shape, bytes);
  }

  /** The file with a request for the list of tools. */
  list(): string {
    return this.messages.message("tools/list", this.program.dialect === "mcp" ? {} : { _meta: META });
  }

  /** The file with a call that ends the plugin's process. */
  crash(): string {
    return this.messages.message("plugin/execute", { handle: this.handle, input: { crash: true } });
  }

  /** Of dlrpc: the process of the plugin that was loaded first. */
  async workerPid(): Promise<number> {
    const { answer } = await this.client.ask(this.messages.message("plugin/list", {}));
    return Number(/"pid":(\d+)/.exec(answer)?.[1]);
  }

  /** Ends the program, which first writes its profile where it has one. */
  async end(): Promise<void> {
    if (this.program.isProfiled) {
      process.kill(await this.client.pid(), "SIGUSR2");
      await setTimeout(profileMs);
    }
    await this.client.end();
  }

  private async discover(): Promise<void> {
    await this.client.ask(this.messages.message("server/discover", { _meta: META }));
  }

  private async initializeMcp(): Promise<void> {
    const clientInfo = { name: "bench", version: "1.0.0" };
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
    await this.client.ask(this.messages.message("initialize", params));
    await this.client.tell(this.messages.notification("notifications/initialized"));
  }
}
