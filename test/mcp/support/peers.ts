// Owns where other people's programs are that speak to dlrpc mcp, and whether they are there. They are as large as all that
// the project has otherwise: whoever wants them installs them.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../support/paths.ts";

export const peersDirectory = join(projectRoot, "test", "mcp", "peers");
const scope = join(peersDirectory, "node_modules", "@modelcontextprotocol");
export const inspectorProgram = join(scope, "inspector", "clients", "launcher", "build", "index.js");
export const conformanceProgram = join(scope, "conformance", "dist", "index.js");

export const missPeers = (): boolean => ![inspectorProgram, conformanceProgram].every((path) => existsSync(path));

/** Whether what needs them is to be left out: in CI nothing is, and fails instead. */
export const lacksPeers = (): boolean => process.env.CI !== "true" && missPeers();

export const installPeers = "npm ci --ignore-scripts --omit=optional --prefix test/mcp/peers";
