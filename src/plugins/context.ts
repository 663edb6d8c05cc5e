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
  const root = workspaceRoot === null ? NO_WORKSPACE_ROOT : Buffer.from(JSON.stringify(workspaceRoot));
  const pieces = [HEAD, input.bytes, WORKSPACE_ROOT, root, CONFIG, config.bytes, TAIL];
  let bytes = 0;
  for (const piece of pieces) bytes += piece.length;
  if (bytes < LARGE_BYTES) return { pieces: [Buffer.concat(pieces, bytes)], bytes, largeInput: undefined };
  return {
    pieces: [HEAD, input.kept().bytes, WORKSPACE_ROOT, root, CONFIG, config.kept().bytes, TAIL],
    bytes,
    largeInput: input.bytes.length < LARGE_BYTES ? undefined : input.bytes,
  };
}
