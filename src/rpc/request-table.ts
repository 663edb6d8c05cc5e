// Owns finding requests by their ids: an open-addressed table on arrays that are kept. A Map that everything is added to and
// deleted from grows and shrinks all the time, which cost the collector a third of all that dlrpc did with a call.

import type { RequestId } from "./message.ts";

const LEAST_PLACES = 256; // a power of two, as all sizes are

export interface Identified {
  readonly id: RequestId;
  /** `hashOf` its id. */
  readonly hash: number;
}

export class RequestTable<T extends Identified> {
  size = 0;
  private places: (T | undefined)[] = new Array(LEAST_PLACES).fill(undefined);

  get all(): T[] {
    return this.places.filter((request) => request !== undefined);
  }

  /** @param hash `hashOf` the id */
  find(id: RequestId, hash = hashOf(id)): T | undefined {
    return this.places[this.placeOf(id, hash)];
  }

  /** @param request whose id is that of no other */
  add(request: T): void {
    if (2 * (this.size + 1) > this.places.length) this.grow();
    this.places[this.placeOf(request.id, request.hash)] = request;
    this.size++;
  }

  /** Nothing happens where there is none with this id. */
  delete({ id, hash }: T): void {
    const { places } = this;
    let hole = this.placeOf(id, hash);
    if (places[hole] === undefined) return;
    this.size--;
    places[hole] = undefined;
    // What was put behind it because its own place was taken moves up, so that it is still found.
    const mask = places.length - 1;
    for (let at = (hole + 1) & mask; places[at] !== undefined; at = (at + 1) & mask) {
      const moved = places[at] as T;
      const home = moved.hash & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      places[hole] = moved;
      places[at] = undefined;
      hole = at;
    }
  }

  /** Where the request with this id is, or would be. */
  private placeOf(id: RequestId, hash: number): number {
    const { places } = this;
    const mask = places.length - 1;
    let at = hash & mask;
    for (let here = places[at]; here !== undefined; here = places[at]) {
      if (here.hash === hash && here.id === id) break; // texts are compared slowly
      at = (at + 1) & mask;
    }
    return at;
  }

  private grow(): void {
    const { all } = this;
    this.places = new Array(this.places.length * 2).fill(undefined);
    for (const request of all) this.places[this.placeOf(request.id, request.hash)] = request;
  }
}

/** FNV-1a (draft-eastlake-fnv), of the letters. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15); // the lower bits decide
}
