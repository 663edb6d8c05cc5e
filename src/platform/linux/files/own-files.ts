// Owns which files are dlrpc's, though they may lie where a plugin may write to: their modes are nobody's to change.

import { type BigIntStats, fstatSync } from "node:fs";

const own = new Set<string>();

/** @param descriptor what it is open on is nobody else's until this is disposed of */
export function keepToOneself(descriptor: number): Disposable {
  const file = nameOf(fstatSync(descriptor, { bigint: true }));
  own.add(file);
  return { [Symbol.dispose]: () => own.delete(file) };
}

export function isOwn(status: BigIntStats): boolean {
  return own.has(nameOf(status));
}

function nameOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}
