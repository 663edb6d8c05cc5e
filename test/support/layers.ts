// Owns the order of the layers, which test/layering.test.ts holds all imports to.

/** From the top to the bottom: a file imports from its own layer and from those below. */
export const layers = [
  "src/client",
  "src/entry",
  "src/cli",
  "src/conformance",
  "src/mcp",
  "src/server",
  "src/plugin-table",
  "src/calls",
  "src/workers",
  "src/sandbox",
  "src/plugins",
  "src/signing",
  "src/rpc",
  "src/json",
  "src/sandbox-policy",
  "src/shims",
  "src/platform",
  "src/ffi",
  "src/observe",
  "src/base",
  "protocol",
  "native",
  "package.json",
];
