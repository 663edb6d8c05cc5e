// Owns rpc.discover: the contract as a document, as it stands in protocol/openrpc.json.

import { RawJson } from "../../protocol/raw.ts";

let text: RawJson | undefined;

/** Loaded when it is asked for: most hosts never do, and all of them want a quick start. */
export async function openRpcDocument(): Promise<RawJson> {
  if (text === undefined) {
    const { default: document } = await import("../../protocol/openrpc.json", { with: { type: "json" } });
    text = RawJson.from(document);
  }
  return text;
}
