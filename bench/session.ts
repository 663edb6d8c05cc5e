// Owns a program that has been started, has the echo plugin loaded, and waits to be measured.

import { Client, type Latency } from "./client.ts";
import type { Messages } from "./messages.ts";
import { echoDirectory } from "./paths.ts";
import type { Shape, Size } from "./payloads.ts";
import type { Program } from "./programs.ts";

export class Session {
  readonly client: Client;
  private readonly program: Program;
  private readonly messages: Messages;
  private handle = "";

  private constructor(program: Program, messages: Messages, client: Client) {
    this.program = program;
    this.messages = messages;
    this.client = client;
  }

  static async start(program: Program, messages: Messages, core?: number): Promise<Session> {
    const { framing, command } = program;
    const session = new Session(program, messages, new Client({ framing, command, core }));
    await session.load();
    return session;
  }

  /** One call at a time. */
  latency(shape: Shape, size: Size, calls: number, seconds: number): Promise<Latency> {
    return this.client.latency(this.file(shape, size), calls, seconds);
  }

  /** Calls a second. */
  flow(shape: Shape, size: Size, window: number, calls: number, seconds: number): Promise<number> {
    return this.client.flow(this.file(shape, size), window, calls, seconds);
  }

  /** The file with a call. */
  file(shape: Shape, size: Size): string {
    return this.messages.call(this.program.dialect, this.handle, shape, size);
  }

  /** Whatever the dialect, the plugin is there when this is over. */
  async load(): Promise<void> {
    if (this.program.dialect === "mcp") {
      const clientInfo = { name: "bench", version: "1" };
      const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo };
      await this.client.ask(this.messages.message("initialize", params));
      await this.client.tell(this.messages.notification("notifications/initialized"));
      return;
    }
    const params = { path: echoDirectory, ...this.program.load };
    const { answer } = await this.client.ask(this.messages.message("plugin/load", params));
    const handle = /"handle":"([^"]+)"/.exec(answer)?.[1];
    if (handle === undefined) throw new Error(`${this.program.name} does not load the plugin: ${answer}`);
    this.handle = handle;
  }
}
