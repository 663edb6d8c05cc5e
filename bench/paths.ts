// Owns where things are.

import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const projectRoot = fileURLToPath(new URL("..", import.meta.url));
export const benchDirectory = join(projectRoot, "bench");
export const builtDirectory = join(projectRoot, "dist", "bench");
export const program = join(projectRoot, "dist", "dlrpc.cjs");
/** With the half that Windows and macOS have. */
export const portableProgram = join(projectRoot, "dist", "dlrpc.portable.cjs");

/** The directories of the plugins that are called; the first one's library is what every program loads. */
export const pluginsDirectory = join(builtDirectory, "plugins");
export const echoDirectory = join(pluginsDirectory, "bench-echo");
export const echoLibrary = join(echoDirectory, "libbench-echo.so");
/** The plugin that says much before it answers. */
export const streamingDirectory = join(pluginsDirectory, "bench-streaming");
/** The first one alone, and many with its library, as tools of MCP: each says what its arguments are. */
export const toolDirectory = join(builtDirectory, "tool");
export const manyToolsDirectory = join(builtDirectory, "many-tools");
/** The same as the first, which takes 100 µs for each call. */
export const busyDirectory = join(pluginsDirectory, "bench-busy");
/** The same as the first, which says that it is thread-safe. */
export const threadsDirectory = join(pluginsDirectory, "bench-threads");
