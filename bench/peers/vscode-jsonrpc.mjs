// A native plugin behind koffi, JSON-RPC by vscode-jsonrpc, both as their documentation shows them, in one process.
// `node vscode-jsonrpc.mjs LIBRARY`

import koffi from "koffi";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";

const library = koffi.load(process.argv[2]);
const freeString = library.func("void vtcode_plugin_free_string(void *string)");
koffi.disposable("PluginString", "str", freeString);
const execute = library.func("PluginString vtcode_plugin_execute(const char *context)");

const connection = createMessageConnection(
  new StreamMessageReader(process.stdin),
  new StreamMessageWriter(process.stdout),
);
connection.onRequest("plugin/load", () => ({ handle: "peer" }));
connection.onRequest("plugin/execute", ({ input }) =>
  JSON.parse(execute(JSON.stringify({ input, workspace_root: null, config: {} }))),
);
connection.listen();
