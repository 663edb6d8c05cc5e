// One example after another, as one host would send them: a test runs them all, in this order, against the program.
// `/home/ada` and what a machine decides (`pid`, figures, hashes) stand for what they are elsewhere.

import { type hostNotifications, methods } from "./methods.ts";

/** One request of a method, and its answer where there is one. */
export interface Example {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Absent for notifications. */
  readonly result?: unknown;
}

/** What there are examples of. */
export type ExampleOf = keyof typeof methods | keyof typeof hostNotifications;

const plugins = "/home/ada/plugins";
const workspace = "/home/ada/project";
const integrity = "sha256-6vyPPpMr9N3FhUMLwYdgSzJx0bSWo6H7r9c1kUkqJ4Q=";

const helloMetadata = {
  name: "hello-world",
  description: "Greets someone by name",
  version: "1.0.0",
  author: null,
  abi_version: 1,
  when_to_use: null,
  when_not_to_use: null,
  allowed_tools: null,
  thread_safe: false,
};

const layers = [
  "no-new-privileges",
  "no-capabilities",
  "landlock-files",
  "landlock-truncate",
  "landlock-tcp",
  "landlock-devices",
  "landlock-scope",
  "landlock-audit",
  "seccomp",
  "limits",
  "supervision",
];

const loadedHello = {
  metadata: helloMetadata,
  path: `${plugins}/hello-world`,
  library: `${plugins}/hello-world/libhello-world.so`,
  abiVersion: 1,
  isolation: "process",
  sandbox: { profile: "standard", layers },
  integrity,
  signature: null,
  warnings: [],
};

const noLibrary = {
  code: "LIBRARY_NOT_FOUND",
  severity: "error",
  message: `${plugins}/unbuilt holds none of libunbuilt.so, unbuilt.so, neither itself nor in lib/linux-x64`,
  hint: `Build the library for linux-x64 and copy it into ${plugins}/unbuilt under one of these names.`,
};

const discovered = {
  plugins: [
    {
      path: `${plugins}/hello-world`,
      library: `${plugins}/hello-world/libhello-world.so`,
      metadata: helloMetadata,
      permissions: null,
      valid: true,
      problems: [],
    },
    {
      path: `${plugins}/unbuilt`,
      library: null,
      metadata: { ...helloMetadata, name: "unbuilt", description: "Has no library yet" },
      permissions: null,
      valid: false,
      problems: [noLibrary],
    },
  ],
};

const idle = {
  path: `${plugins}/hello-world`,
  state: "ready",
  isolation: "process",
  permissions: null,
  running: 0,
  queued: 0,
};

/** At least one of each; a test sends them. */
export const examples: Readonly<Record<ExampleOf, readonly Example[]>> = {
  initialize: [
    {
      name: "an editor says hello",
      params: {
        protocolVersion: 1,
        clientInfo: { name: "an editor", version: "2.1.0" },
        workspaceRoot: workspace,
        notifications: ["exited", "log", "progress"],
      },
      result: {
        protocolVersion: 1,
        serverInfo: { name: "dlrpc", version: "0.1.0" },
        abiVersions: [1],
        platform: "linux-x64",
        trustedDirs: [plugins],
        limits: {
          maxMessageBytes: 67108864,
          maxPending: 1024,
          concurrency: 8,
          timeoutMs: null,
          cancelGraceMs: 500,
          drainMs: 1500,
        },
        sandbox: { layers },
        methods: Object.keys(methods).sort(),
      },
    },
  ],
  "rpc.discover": [], // its result is the document that the example would stand in
  "plugin/discover": [
    { name: "all trusted directories", params: {}, result: discovered },
    { name: "one directory", params: { dirs: [plugins] }, result: discovered },
  ],
  "plugin/validate": [
    {
      name: "a plugin that can be loaded",
      params: { path: `${plugins}/hello-world` },
      result: { valid: true, permissions: null, problems: [] },
    },
    {
      name: "a plugin without its library",
      params: { path: `${plugins}/unbuilt` },
      result: { valid: false, permissions: null, problems: [noLibrary] },
    },
  ],
  "plugin/load": [
    {
      name: "by its directory",
      params: { path: `${plugins}/hello-world` },
      result: { handle: "hello-world-1", ...loadedHello },
    },
    {
      name: "by its name, with what holds for every call",
      params: {
        name: "hello-world",
        config: { greeting: "Hello" },
        timeoutMs: 5000,
        sandbox: { profile: "strict", read: ["/usr/share"], memoryMb: 64, require: true },
      },
      result: { handle: "hello-world-2", ...loadedHello, sandbox: { profile: "strict", layers } },
    },
  ],
  "plugin/metadata": [{ name: "a loaded plugin", params: { handle: "hello-world-1" }, result: helloMetadata }],
  "plugin/execute": [
    {
      name: "a call that succeeds",
      params: { handle: "hello-world-1", input: { name: "Ada" }, timeoutMs: 1000, progressToken: "greeting" },
      result: { success: true, output: { message: "Hello, Ada!" }, error: null, files: [] },
    },
    {
      name: "a call of which the plugin says that it failed",
      params: { handle: "hello-world-1", input: { name: 7 } },
      result: { success: false, output: {}, error: "name must be a string", files: [] },
    },
  ],
  "plugin/list": [
    {
      name: "two handles of one plugin",
      params: {},
      result: {
        plugins: [
          {
            handle: "hello-world-1",
            name: "hello-world",
            version: "1.0.0",
            ...idle,
            pid: 4321,
            stats: {
              calls: 2,
              errors: 0,
              crashes: 0,
              restarts: 0,
              timeouts: 0,
              discarded: 0,
              p50Ms: 0.2,
              p99Ms: 0.4,
              rssBytes: 52428800,
            },
          },
          {
            handle: "hello-world-2",
            name: "hello-world",
            version: "1.0.0",
            ...idle,
            pid: 4322,
            stats: {
              calls: 0,
              errors: 0,
              crashes: 0,
              restarts: 0,
              timeouts: 0,
              discarded: 0,
              p50Ms: null,
              p99Ms: null,
              rssBytes: 52428800,
            },
          },
        ],
      },
    },
  ],
  "plugin/reload": [
    {
      name: "a plugin that was built anew",
      params: { handle: "hello-world-1" },
      result: { handle: "hello-world-1", ...loadedHello },
    },
  ],
  "plugin/unload": [
    { name: "behind the calls that wait", params: { handle: "hello-world-1" }, result: {} },
    { name: "at once", params: { handle: "hello-world-2", force: true }, result: {} },
  ],
  shutdown: [{ name: "the end of all work", params: {}, result: {} }],
  "$/cancelRequest": [{ name: "a request that is done already: ignored", params: { id: 1 } }],
  exit: [{ name: "the end", params: {} }],
};
