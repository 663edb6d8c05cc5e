// Owns rpc.discover: the contract as a document, as it stands in protocol/openrpc.json.

import { RawJson } from "../../protocol/raw.ts";
import { partOf } from "../self.ts";

let text: RawJson | undefined;

/** Read when it is asked for: most hosts never do, and all of them want a quick start. */
export async function openRpcDocument(): Promise<RawJson> {
  if (text === undefined) {
    const document = partOf("openrpc.json");
    if (document === undefined) throw new Error("this build of dlrpc lacks openrpc.json");
    text = new RawJson(document);
  }
  return text;
}
