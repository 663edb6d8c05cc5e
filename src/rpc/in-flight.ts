// Owns which requests wait for their answer (M3), and how much memory they may take (W6).

import { DlrpcError } from "../../protocol/errors.ts";
import type { RawJson } from "../../protocol/raw.ts";
import { type ParamsMembers, parsedBytes } from "./params.ts";
import type { IncomingRequest } from "./request.ts";

/** What a request takes beside what its sender wrote: promises, timers, its place in queues. */
const OVERHEAD_BYTES = 4096;

/** Room that one request has taken. */
export interface Place {
  readonly key: string;
  readonly bytes: number;
}

export class InFlight {
  private readonly maxBytes: number;
  private readonly byId = new Map<string, IncomingRequest>();
  private readonly requests = new Set<IncomingRequest>();
  private bytes = 0;
  private count = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  get all(): readonly IncomingRequest[] {
    return [...this.requests];
  }

  /** By the text of its id. */
  find(id: RawJson): IncomingRequest | undefined {
    return this.byId.get(id.toString());
  }

  /**
   * Makes room for a request; a single one always has room.
   * @returns its place @throws DlrpcError DUPLICATE_ID, OVERLOADED
   */
  enter(id: RawJson, params: ParamsMembers): Place {
    const key = id.toString();
    if (this.byId.has(key)) {
      throw new DlrpcError("DUPLICATE_ID", `The id ${key.slice(0, 80)} belongs to a request in flight`);
    }
    const bytes = OVERHEAD_BYTES + id.bytes.length + parsedBytes(params);
    if (this.count > 0 && this.bytes + bytes > this.maxBytes) {
      throw new DlrpcError("OVERLOADED", `${this.count} requests wait for their answers; no more are taken`);
    }
    this.bytes += bytes;
    this.count++;
    return { key, bytes };
  }

  /** Who has the place. */
  seat({ key }: Place, request: IncomingRequest): void {
    this.requests.add(request);
    // The id null is exempt: a host that sends it cannot tell answers apart anyway.
    if (key !== "null") this.byId.set(key, request);
  }

  leave({ key, bytes }: Place, request: IncomingRequest): void {
    this.requests.delete(request);
    this.byId.delete(key);
    this.bytes -= bytes;
    this.count--;
  }
}
