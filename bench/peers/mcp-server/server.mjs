// Native plugins behind koffi as tools of an MCP server on the official SDK, in one process.
// `node server.mjs LIBRARY DIRECTORY`: a tool for each plugin.json in the directory, all with the code of the one library.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromJsonSchema, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import koffi from "koffi";

const [libraryPath, directory] = process.argv.slice(2);
const library = koffi.load(libraryPath);
const freeString = library.func("void vtcode_plugin_free_string(void *string)");
koffi.disposable("PluginString", "str", freeString);
const execute = library.func("PluginString vtcode_plugin_execute(const char *context)");

const annotations = { readOnlyHint: true, openWorldHint: false };

function call(input) {
  const { success, output, error } = JSON.parse(execute(JSON.stringify({ input, workspace_root: null, config: {} })));
  if (!success) return { content: [{ type: "text", text: error }], isError: true };
  return { content: [{ type: "text", text: JSON.stringify(output) }], structuredContent: output };
}

serveStdio(() => {
  const server = new McpServer({ name: "bench", version: "1.0.0" });
  for (const name of readdirSync(directory)) {
    const manifest = JSON.parse(readFileSync(join(directory, name, "plugin.json"), "utf8"));
    const { description, input_schema } = manifest;
    server.registerTool(manifest.name, { description, inputSchema: fromJsonSchema(input_schema), annotations }, call);
  }
  return server;
});
