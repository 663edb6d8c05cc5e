// Owns what is sent: inputs of a size and a shape, in JSON.

export const shapes = ["string", "source", "tree"] as const;
export type Shape = (typeof shapes)[number];

export const sizes = { "100 B": 100, "4 KiB": 4096, "64 KiB": 65_536, "1 MiB": 1 << 20, "16 MiB": 1 << 24 } as const;
export type Size = keyof typeof sizes;

/** A line of a program: what of it JSON must escape is about what there is in real ones. */
const sourceLine =
  '\tif (name === "größe" && path.includes("\\\\")) {\n\t\treturn format(name, value); // "as it was"\n\t}\n';

/** An object as JSON text, `bytes` long; a tree ends within one leaf of that. */
export function inputOf(shape: Shape, bytes: number): string {
  const make = { string: plainText, source: sourceText, tree: treeOfValues }[shape];
  return make(bytes);
}

function plainText(bytes: number): string {
  return `{"text":"${"x".repeat(bytes - 11)}"}`;
}

function sourceText(bytes: number): string {
  const line = JSON.stringify(sourceLine).slice(1, -1);
  const times = Math.floor((bytes - 11) / Buffer.byteLength(line));
  const rest = bytes - 11 - times * Buffer.byteLength(line);
  return `{"text":"${line.repeat(times)}${"x".repeat(rest)}"}`;
}

function treeOfValues(bytes: number): string {
  const leaves: string[] = [];
  for (let id = 0, length = 12; length < bytes; id++) {
    const leaf = {
      id,
      name: `item ${id}`,
      on: id % 3 === 0,
      size: id * 1.5,
      tags: ["a", "bc", null],
      at: { x: id, y: -id },
    };
    leaves.push(JSON.stringify(leaf));
    length += (leaves.at(-1) as string).length + 1;
  }
  return `{"items":[${leaves.join(",")}]}`;
}
