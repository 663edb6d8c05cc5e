// Owns rpc.discover: the contract as a document, as it stands in protocol/openrpc.json.

/** Loaded when it is asked for: most hosts never do, and all of them want a quick start. */
export async function openRpcDocument(): Promise<object> {
  const { default: document } = await import("../../protocol/openrpc.json", { with: { type: "json" } });
  return document;
}
