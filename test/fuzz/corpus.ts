// The messages that fuzzing begins with: requests of every kind, notifications, batches, and things that are wrong.

import type { Random } from "./random.ts";

let lastId = 0;

/** Ids in all their spellings, each used once. */
function freshId(random: Random): string {
  const n = ++lastId;
  return random.pick([`${n}`, `"id-${n}"`, `${n}.5`, `-${n}`, `"${n}é\\u00e9"`, `${n}e2`]);
}

const methods = [
  '"plugin/list"',
  '"plugin/metadata","params":{"handle":"no-1"}',
  '"plugin/execute","params":{"handle":"no-1","input":{"a":[1,2,{"b":"\\ud83d"}],"c":1e400}}',
  '"plugin/execute","params":{"handle":"no-1","inptu":{}}',
  '"plugin/unload","params":{"handle":"no-1"}',
  '"plugin/validate","params":{"path":"/nonexistent"}',
  '"plugin/load","params":{"path":"/nonexistent","timeoutMs":5}',
  '"plugin/load","params":[]',
  '"plugin/list","params":null',
  '"nonsense","params":{"__proto__":{"a":1},"constructor":2}',
];

const others = [
  '{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}',
  '{"jsonrpc":"2.0","method":"initialized","params":{}}',
  '{"jsonrpc":"2.0","id":"from-the-host","result":null}',
  "[]",
  "null",
  '"text"',
  "{}",
  "",
  "[1,[2],{}]",
  "[".repeat(200),
];

/** One message as text; with `id` where it is a request that must be answered under that id. */
export function freshMessage(random: Random): { text: string; id?: string } {
  const kind = random.below(10);
  if (kind < 2) return { text: random.pick(others) };
  if (kind < 4) {
    const elements = Array.from({ length: 1 + random.below(4) }, () => request(random, freshId(random)));
    return { text: `[${elements.join(",")}]` };
  }
  const id = freshId(random);
  return { text: request(random, id), id };
}

function request(random: Random, id: string): string {
  const space = random.pick(["", " ", "\t"]);
  return `{"jsonrpc":"2.0",${space}"id":${id},${space}"method":${random.pick(methods)}}`;
}
