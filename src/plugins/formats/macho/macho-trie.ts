// Walking the export trie of a Mach-O image.
import { type ByteReader, LONGEST_NAME } from "../reader.ts";

const WHAT = "the export trie";

/** A node whose children are being read: `at` is the next one of them, all of them begin with `prefix`. */
interface Node {
  at: number;
  children: number;
  readonly prefix: string;
}

/**
 * The symbols of an export trie, as linked: with their underscore. A node is the size of what it says about its symbol
 * (0: no symbol ends here), that, the number of children, and for each child the text that leads to it and its
 * position. Source: Apple's mach-o/loader.h, at dyld_info_command.
 */
export function collectTrieExports(reader: ByteReader, start: number, length: number): string[] {
  reader.need(start, length, WHAT);
  const names: string[] = [];
  const end = start + length;
  // A linker writes a tree, of which every byte is read once, though some might share what two nodes have in common.
  // Reading far more than there is means nodes that lie over each other or lead in a circle.
  let bytesLeft = length * 4;
  const spend = (count: number) => {
    bytesLeft -= count;
    if (bytesLeft < 0) throw reader.damaged("its export trie is no tree");
  };
  const open = (offset: number, prefix: string): Node => {
    const information = readUleb(reader, start + offset, end);
    if (information.value > 0) {
      reader.spendName(prefix.length);
      names.push(Buffer.from(prefix, "latin1").toString("utf8"));
    }
    const at = information.next + information.value;
    if (at >= end) throw reader.damaged(`${WHAT} has a node that ends outside it`);
    spend(at + 1 - (start + offset));
    return { at: at + 1, children: reader.u8(at, WHAT), prefix };
  };
  const path = [open(0, "")];
  for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
    if (node.children === 0) {
      path.pop();
      continue;
    }
    // Edges may part a character in two, so they are put together as bytes.
    const edge = reader.text(node.at, end, WHAT, "latin1");
    const child = readUleb(reader, node.at + edge.length + 1, end);
    spend(child.next - node.at);
    node.at = child.next;
    node.children -= 1;
    const prefix = node.prefix + edge;
    if (child.value >= length || prefix.length > LONGEST_NAME) {
      throw reader.damaged(`${WHAT} has an edge that leads outside it`);
    }
    path.push(open(child.value, prefix));
  }
  return names;
}

/** A number of 7 bits a byte, lowest first. Sums and products instead of shifts, which would wrap at 32 bits. */
function readUleb(reader: ByteReader, offset: number, end: number): { value: number; next: number } {
  let value = 0;
  for (let index = 0; index < 10 && offset + index < end; index++) {
    const byte = reader.u8(offset + index, WHAT);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: offset + index + 1 };
  }
  throw reader.damaged(`${WHAT} has a number without an end at byte ${offset}`);
}
