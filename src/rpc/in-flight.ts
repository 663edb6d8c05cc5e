// Owns which requests wait for their answer (M3), and how much memory they may take (W6).

import { DlrpcError } from "../../protocol/errors.ts";
import { NULL_ID, type RequestId } from "./message.ts";
import type { IncomingRequest } from "./request.ts";
import { RequestTable } from "./request-table.ts";

export class InFlight {
  private readonly maxBytes: number;
  private readonly byId = new RequestTable<IncomingRequest>();
  /** The id null is exempt from M3: a host that sends it cannot tell answers apart anyway. */
  private readonly withoutId = new Set<IncomingRequest>();
  private bytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  get all(): readonly IncomingRequest[] {
    return [...this.byId.all, ...this.withoutId];
  }

  find(id: RequestId): IncomingRequest | undefined {
    return this.byId.find(id);
  }

  /**
   * Takes a request where there is room for it; a single one always has room.
   * @throws DlrpcError DUPLICATE_ID, OVERLOADED
   */
  enter(request: IncomingRequest): void {
    const { id, hash, bytes } = request;
    if (this.byId.find(id, hash) !== undefined) {
      throw new DlrpcError("DUPLICATE_ID", `The id ${idText(id).slice(0, 80)} belongs to a request in flight`);
    }
    if (this.size > 0 && this.bytes + bytes > this.maxBytes) {
      throw new DlrpcError("OVERLOADED", `${this.size} requests wait for their answers; no more are taken`);
    }
    this.bytes += bytes;
    if (id === NULL_ID) this.withoutId.add(request);
    else this.byId.add(request);
  }

  leave(request: IncomingRequest): void {
    this.bytes -= request.bytes;
    if (request.id === NULL_ID) this.withoutId.delete(request);
    else this.byId.delete(request);
  }

  private get size(): number {
    return this.byId.size + this.withoutId.size;
  }
}

/** An id for people. */
function idText(id: RequestId): string {
  return Buffer.from(id, "latin1").toString("utf8");
}
