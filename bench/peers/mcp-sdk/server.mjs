// A native plugin behind koffi as a tool of an MCP server on the official SDK, in one process.
// `node server.mjs LIBRARY`

import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { CallToolRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import koffi from "koffi";

const library = koffi.load(process.argv[2]);
const freeString = library.func("void vtcode_plugin_free_string(void *string)");
koffi.disposable("PluginString", "str", freeString);
const execute = library.func("PluginString vtcode_plugin_execute(const char *context)");

const server = new Server({ name: "bench", version: "1.0.0" }, { capabilities: { tools: {} } });
server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
  const context = JSON.stringify({ input: params.arguments, workspace_root: null, config: {} });
  return { content: [{ type: "text", text: execute(context) }] };
});
// By itself it ends at a message of 10 MiB.
await server.connect(new StdioServerTransport(process.stdin, process.stdout, { maxBufferSize: 1 << 26 }));
