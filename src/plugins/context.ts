// Owns the context document: what vtcode_plugin_execute is given (E1).

import type { RawJson } from "../../protocol/raw.ts";

const HEAD = Buffer.from('{"input":');
const WORKSPACE_ROOT = Buffer.from(',"workspace_root":');
const CONFIG = Buffer.from(',"config":');
const TAIL = Buffer.from("}\0");

/** The document as a C string: the texts are joined as they were written (M5), with a NUL at the end. */
export function composeContext(input: RawJson, workspaceRoot: string | null, config: RawJson): Buffer {
  const root = Buffer.from(JSON.stringify(workspaceRoot));
  return Buffer.concat([HEAD, input.bytes, WORKSPACE_ROOT, root, CONFIG, config.bytes, TAIL]);
}
