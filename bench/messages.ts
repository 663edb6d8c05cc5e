// Owns the messages that are sent, as files for the client: written once, whichever programs they are for.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inputOf, type Shape, type Size, sizes } from "./payloads.ts";
import type { Dialect } from "./programs.ts";

/** The client counts this one up. */
const id = 10_000_000;

export class Messages implements Disposable {
  private readonly directory = mkdtempSync(join(tmpdir(), "dlrpc-bench-"));
  private count = 0;

  /** A file with any one message. */
  message(method: string, params: object): string {
    const file = join(this.directory, `message-${++this.count}`);
    writeFileSync(file, JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
    return file;
  }

  notification(method: string): string {
    const file = join(this.directory, `message-${++this.count}`);
    writeFileSync(file, JSON.stringify({ jsonrpc: "2.0", method }));
    return file;
  }

  /** A call of the echo plugin. */
  call(dialect: Dialect, handle: string, shape: Shape, size: Size): string {
    const file = join(this.directory, `${dialect}-${handle}-${shape}-${sizes[size]}`);
    if (existsSync(file)) return file;
    const input = inputOf(shape, sizes[size]);
    const start = `{"jsonrpc":"2.0","id":${id},"method":`;
    const rest =
      dialect === "mcp"
        ? `"tools/call","params":{"name":"echo","arguments":${input}}}`
        : `"plugin/execute","params":{"handle":"${handle}","input":${input}}}`;
    writeFileSync(file, start + rest);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }
}
