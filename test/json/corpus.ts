// Texts that are JSON, and texts made of them that may or may not be: the same ones in every run.

export const seeds: readonly string[] = [
  "null",
  "true",
  "-12.5e+30",
  '"a\\u00e9\\n\\"b\\\\ \u{1f600}"',
  "[]",
  "{}",
  '[1,2.5,-0,1e400,[null,[true,[false]]],""]',
  '{"a":1,"b":[{"c":{"d":[]}},"e"],"a":2,"__proto__":{"x":null}}',
  ' { "spaced" : [ 1 ,\t2\r\n] , "\\u006bey" : "va\\/lue" } ',
  '{"jsonrpc":"2.0","id":9007199254740993,"method":"plugin/execute","params":{"handle":"h-1","input":{"n":0.10}}}',
  '{"success":true,"output":{"text":"line\\nline","ok":[true,false,null]},"error":null,"files":["/a b/c","\u00fc"]}',
];

/** What is put in: everything that means something in JSON, and some that looks as if it did. */
const pieces: readonly string[] = [
  ..."{}[]:,\"\\-+.eE0195tfnu/ \t\r\n'x\0\u007f\u00e9",
  ...[
    "null",
    "true",
    "false",
    '"a"',
    '"a":',
    "1e5",
    "0.5",
    "-0",
    "\\u0041",
    "\\n",
    "[]",
    "{}",
    ",1",
    ',"k":1',
    "//",
    "\ufeff",
  ],
];

/** Numbers from 0 up to `below`, the same ones in every run (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** `count` texts, each a seed with one to three changes. */
export function* mutations(count: number): Generator<Buffer> {
  const random = generator(1);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  for (let i = 0; i < count; i++) {
    let bytes: Buffer = Buffer.from(pick(seeds));
    for (let changes = 1 + random(3); changes > 0; changes--) bytes = mutate(bytes, random, pick);
    yield bytes;
  }
}

function mutate(bytes: Buffer, random: (below: number) => number, pick: <T>(list: readonly T[]) => T): Buffer {
  const from = random(bytes.length + 1);
  const to = Math.min(bytes.length, from + random(4));
  const before = bytes.subarray(0, from);
  switch (random(5)) {
    case 0: // something is missing
      return Buffer.concat([before, bytes.subarray(to)]);
    case 1: // something is too much
      return Buffer.concat([before, Buffer.from(pick(pieces)), bytes.subarray(from)]);
    case 2: // something is another
      return Buffer.concat([before, Buffer.from(pick(pieces)), bytes.subarray(to)]);
    case 3: // something comes twice
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
    default: // a whole value inside another
      return Buffer.concat([before, Buffer.from(pick(seeds)), bytes.subarray(from)]);
  }
}
