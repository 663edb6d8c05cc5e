// Owns a gate for a plugin's call: it stands there once it has opened the pipe, and passes when the pipe is closed.

import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

let gates = 0;

export class PipeGate {
  /** As C's runtime takes it, and as JSON needs no escapes for it. */
  readonly path: string;
  readonly reached: Promise<Socket>;
  private readonly server: Server;

  private constructor(path: string, server: Server) {
    this.path = path;
    this.server = server;
    this.reached = once(server, "connection").then(([socket]) => socket);
  }

  static async open(): Promise<PipeGate> {
    const name = `dlrpc-gate-${process.pid}-${++gates}`;
    const server = createServer().listen(`\\\\.\\pipe\\${name}`);
    await once(server, "listening");
    return new PipeGate(`//./pipe/${name}`, server);
  }

  async letThrough(): Promise<void> {
    (await this.reached).destroy();
    this.server.close();
  }
}
