// Owns the context document: what vtcode_plugin_execute is given (E1).

import { LARGE_BYTES, type RawJson } from "../../protocol/raw.ts";

const HEAD = Buffer.from('{"input":');
const WORKSPACE_ROOT = Buffer.from(',"workspace_root":');
const NO_WORKSPACE_ROOT = Buffer.from("null");
const CONFIG = Buffer.from(',"config":');
const TAIL = Buffer.from("}\0");

/** The context document as a C string, in pieces that can be kept. */
export interface Context {
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
  /** The input where it is large: with its context nobody needs it any more. */
  readonly largeInput: Uint8Array | undefined;
}

/** The texts are joined as they were written (M5), with a NUL at the end; large ones are not copied. */
export function composeContext(input: RawJson, workspaceRoot: string | null, config: RawJson): Context {
  const rest = restOf(workspaceRoot, config);
  const bytes = HEAD.length + input.bytes.length + rest.bytes;
  if (bytes >= LARGE_BYTES) {
    const largeInput = input.bytes.length < LARGE_BYTES ? undefined : input.bytes;
    return { pieces: [HEAD, input.kept().bytes, ...rest.pieces], bytes, largeInput };
  }
  const text = Buffer.allocUnsafe(bytes);
  text.set(HEAD);
  text.set(input.bytes, HEAD.length);
  let at = HEAD.length + input.bytes.length;
  for (const piece of rest.pieces) {
    text.set(piece, at);
    at += piece.length;
  }
  return { pieces: [text], bytes, largeInput: undefined };
}

/** What stands behind the input, in pieces that can be kept. */
interface Rest {
  readonly workspaceRoot: string | null;
  readonly config: RawJson;
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
}

const MOST_HELD_BYTES = 2 * LARGE_BYTES;
/** Most calls have the same workspace and config as the one before. */
let last: Rest | undefined;

function restOf(workspaceRoot: string | null, config: RawJson): Rest {
  if (last?.workspaceRoot === workspaceRoot && last.config === config) return last;
  const root = workspaceRoot === null ? NO_WORKSPACE_ROOT : Buffer.from(JSON.stringify(workspaceRoot));
  const parts = [WORKSPACE_ROOT, root, CONFIG, config.kept().bytes, TAIL];
  const bytes = parts.reduce((sum, { length }) => sum + length, 0);
  // With it stays what it is part of, a large message perhaps.
  if (config.bytes.buffer.byteLength > MOST_HELD_BYTES) return { workspaceRoot, config, pieces: parts, bytes };
  last = { workspaceRoot, config, pieces: [Buffer.concat(parts, bytes)], bytes };
  return last;
}
