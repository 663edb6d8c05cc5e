// Owns where the bundler and the Nodes are that dlrpc/client is tested with, and whether they are there. Whoever wants them
// installs them, for they are large.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../support/paths.ts";

const modules = join(projectRoot, "test", "client", "bundlers", "node_modules");
export const webpackProgram = join(modules, "webpack", "lib", "index.js");

/** The project's own is one of them. */
export const nodes: Readonly<Record<string, string>> = {
  "24": process.execPath,
  ...Object.fromEntries(
    ["22", "23", "25", "26"].map((major) => [major, join(modules, `node-${major}`, "bin", "node")]),
  ),
};

export const missBundlers = (): boolean => ![webpackProgram, ...Object.values(nodes)].every((path) => existsSync(path));

/** Whether what needs them is to be left out: in CI nothing is, and fails instead. */
export const lacksBundlers = (): boolean => process.env.CI !== "true" && missBundlers();

export const installBundlers = "npm ci --ignore-scripts --prefix test/client/bundlers";
