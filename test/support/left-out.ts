// Says in one line what the tests left out for want of tools, and how to have it tested, too: `npm test` ends with it.
// With --packages it prints Debian's packages that are missing and nothing else, for .ci/run.

import { missingRealPlugins } from "../../fixtures/real.ts";
import { lacksAnyForPackaging, missingTools, packagesOf } from "../../fixtures/tools.ts";
import { installBundlers, missBundlers } from "../client/bundlers.ts";
import { installHeaders, missHeaders } from "../macos/headers.ts";
import { installPeers, missPeers } from "../mcp/support/peers.ts";
import { isClosedToOthers } from "./confined.ts";
import { projectRoot } from "./paths.ts";

const tools = missingTools();
const plugins = missingRealPlugins();
const packages = [...new Set([...tools.flatMap(packagesOf), ...plugins.flatMap(({ packages }) => packages)])].sort();

if (process.argv.includes("--packages")) process.stdout.write(packages.map((name) => `${name}\n`).join(""));
else {
  const parts = [
    ...(tools.length > 0 ? [`what needs ${tools.join(", ")}`] : []),
    ...(lacksAnyForPackaging() ? ["the packages"] : []),
    ...(isClosedToOthers() ? [`root's tests as an ordinary user, who cannot get at ${projectRoot}`] : []),
    ...(missBundlers() ? [`dlrpc/client in bundles and in other Nodes (${installBundlers})`] : []),
    ...(missHeaders() ? [`the worker for macOS (${installHeaders})`] : []),
    ...(missPeers() ? [`the peers of dlrpc mcp (${installPeers})`] : []),
    ...(plugins.length > 0 ? [`the plugins ${plugins.map(({ name }) => name).join(", ")} of fixtures/real`] : []),
  ];
  const how = packages.length > 0 ? ` To have it tested: apt-get install ${packages.join(" ")} (Debian).` : "";
  if (parts.length > 0) process.stdout.write(`Left out: ${parts.join("; ")}.${how}\n`);
}
