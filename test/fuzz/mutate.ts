// Small damage to bytes, of the kinds that careless or hostile senders do.

import type { Random } from "./random.ts";

const interesting = Buffer.from('{}[]",:\\/0123456789-+.eEtrufalsn\n\r\t \0\u007f');
const fragments = [
  "Content-Length: 5\r\n\r\n",
  "Content-Length:",
  "\r\n\r\n",
  "\ufeff",
  '"id":1,',
  "{",
  "]",
  "\\u",
  "999999",
];

/** A damaged copy. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let damaged: Buffer = Buffer.from(bytes);
  for (let times = 1 + random.below(3); times > 0; times--) damaged = damageOnce(damaged, random);
  return damaged;
}

function damageOnce(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const length = 1 + random.below(8);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([before, Buffer.from([random.below(256)]), after.subarray(1)]);
    case 1:
      return Buffer.concat([before, Buffer.from([random.pick([...interesting])]), after.subarray(1)]);
    case 2:
      return Buffer.concat([before, after.subarray(length)]);
    case 3:
      return Buffer.concat([before, Buffer.from(random.pick(fragments)), after]);
    case 4:
      return Buffer.concat([before, after.subarray(0, length), after]);
    default:
      return before;
  }
}

/** The same bytes in chunks of random lengths, down to one byte. */
export function* split(bytes: Buffer, random: Random): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const length = random.pick([1, 1 + random.below(16), 1 + random.below(1000), 65536]);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
