// Owns the command line's options: what each is called, takes and means. Parsing and help both come from here.

import { parseArgs } from "node:util";
import { profiles } from "../confinement/policy.ts";
import { logLevels } from "../observe/log.ts";
import { nearest } from "../observe/nearest.ts";
import { framings } from "../rpc/framing.ts";

/** A command line that cannot be understood; the message says what was found and what is meant. */
export class UsageError extends Error {}

/** What was asked for was understood and cannot be done; the message says why, and what to do. */
export class CommandError extends Error {}

export interface Option {
  /** What follows it, as help shows it; absent for a flag. */
  readonly value?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

/** What `dlrpc conformance` can report to programs. */
export const reportFormats = ["junit", "json"] as const;

/** The hosts whose configuration `dlrpc mcp --print-config` knows. */
export const configHosts = ["claude", "vscode", "cursor", "zed", "codex", "gemini"] as const;

export type ConfigHost = (typeof configHosts)[number];

const trustOptions = {
  trust: { value: "DIR", help: "trust the plugins in DIR, too (repeatable)" },
  "trust-workspace": { help: "trust the workspace's own .vtcode/plugins and .agents/plugins" },
  "strict-permissions": { help: "refuse plugins, keys and logs that others than you and root may change" },
  "require-signature": {
    value: "KEYFILE",
    help: "refuse plugins not signed by this public key, or another one given so",
  },
  "signature-key": { value: "KEYFILE", help: "verify signatures by this public key where there are any (repeatable)" },
} as const satisfies Options;

const sandboxOption = {
  sandbox: { value: profiles.join("|"), help: "how plugins are confined (default standard)" },
} as const satisfies Options;

const auditLogOption = {
  value: "FILE",
  help: "append one line of JSON for each load, call, crash and end of a plugin",
} as const;

const boundOptions = {
  "max-message-bytes": { value: "N", help: "the largest message and plugin result (default 67108864)" },
  "max-pending": { value: "N", help: "calls that may wait per plugin (default 1024)" },
  "max-handles": { value: "N", help: "plugins that may be loaded at once (default 1024)" },
  "timeout-ms": { value: "N", help: "how long a call may run (default: for ever)" },
  "cancel-grace-ms": { value: "N", help: "how long a call may go on that is to stop (default 500)" },
  "drain-ms": { value: "N", help: "how long calls may go on at the end (default 1500)" },
  concurrency: { value: "N", help: "calls at once of a thread-safe plugin (default: one per core)" },
  "portable-json": { help: "refuse results that not every JSON parser reads" },
  "log-level": { value: logLevels.join("|"), help: "what goes to stderr (default warn)" },
} as const satisfies Options;

const passwordFile = { value: "FILE|-", help: "the key's password: the first line of a file, or of stdin" };

/** The options of each verb, in the order of the help. */
export const verbOptions = {
  serve: {
    ...trustOptions,
    "audit-log": auditLogOption,
    ...sandboxOption,
    "max-sandbox": {
      value: profiles.join("|"),
      help: "the loosest that a load may ask for; it is granted nothing more",
    },
    "lock-trust": { help: "let initialize add no trusted directories" },
    "allow-workspace": {
      value: "DIR",
      help: "workspaces lie in DIR only (repeatable; needed with --max-sandbox and --lock-trust)",
    },
    framing: { value: framings.join("|"), help: "how messages are framed (default auto)" },
    ...boundOptions,
  },
  mcp: {
    ...trustOptions,
    workspace: { value: "DIR", help: "the workspace root of all calls, which plugins may then write to" },
    ...sandboxOption,
    grant: {
      value: "NAME:WHAT",
      help: "let the plugin NAME do more: network, exec, gpu, read=PATH, write=PATH or memory-mb=N (repeatable)",
    },
    "grant-requested": { value: "NAME", help: "grant the plugin NAME what its plugin.json asks for, too (repeatable)" },
    "print-config": {
      value: configHosts.join("|"),
      help: "print what that host's configuration needs to start this, and where it belongs",
    },
    only: { value: "NAME", help: "make a tool of this plugin only, and of others that are named so (repeatable)" },
    prefix: { value: "TEXT", help: "call tools TEXT and the plugin's name" },
    "idle-unload-ms": { value: "N", help: "end the process of a plugin that has had no call for so long" },
    "audit-log": auditLogOption,
    ...boundOptions,
  },
  exec: {
    ...trustOptions,
    ...sandboxOption,
    network: { help: "let the plugin use the internet" },
    exec: { help: "let it start programs, confined as it is itself" },
    gpu: { help: "let it use graphics cards" },
    read: { value: "PATH", help: "let it read a directory or file, too (repeatable)" },
    write: { value: "PATH", help: "let it read and write to a directory or file, too (repeatable)" },
    "memory-mb": { value: "N", help: "how much memory it may use, in MiB (default 1024)" },
    "grant-requested": { help: "grant what its plugin.json asks for (permissions), beside what is given here" },
    explain: { help: "say at the end what the plugin was refused, and which options would allow it; slower" },
    input: { value: "JSON|@FILE|-", help: "the call's input: JSON, a file, or stdin (default {})" },
    config: { value: "JSON|@FILE|-", help: "the call's config (default {})" },
    workspace: { value: "DIR", help: "the call's workspace root" },
    env: { value: "NAME=VALUE", help: "a variable for the plugin's environment (repeatable)" },
    "timeout-ms": { value: "N", help: "how long the call may run (default: for ever)" },
    stream: { help: "print partial results as they come, each on a line, and the result on the last" },
  },
  conformance: {
    filter: { value: "TEXT", help: "only transcripts with TEXT in name, rule or section (repeatable)" },
    report: { value: reportFormats.join("|"), help: "a report on stdout; what people read goes to stderr" },
    jobs: { value: "N", help: "transcripts at once (default: two per core)" },
    "limit-ms": { value: "N", help: "how long one transcript may take (default 60000)" },
  },
  keygen: {
    key: { value: "FILE", help: "where to write the secret key" },
    "public-key": { value: "FILE", help: "where to write the public key (default: FILE with .pub for .key)" },
    "password-file": passwordFile,
    "no-password": { help: "do not encrypt the secret key: whoever has the file can sign" },
    force: { help: "write over files that exist" },
  },
  sign: {
    key: { value: "FILE", help: "the secret key" },
    "password-file": passwordFile,
    comment: { value: "TEXT", help: "is signed, too, and shown to hosts (default: time and file name)" },
  },
  verify: {
    key: { value: "KEYFILE", help: "a public key whose signature counts (repeatable)" },
  },
  pack: {
    mcpb: { value: "FILE", help: "make an MCP Bundle" },
    "agent-plugin": { value: "DIR", help: "make an Agent Plugin, in a new or empty directory" },
    program: { value: "PLATFORM=FILE", help: "dlrpc's one file for a platform, such as linux-arm64 (repeatable)" },
    name: { value: "NAME", help: "what the package is called (default: as its one plugin)" },
    version: { value: "VERSION", help: "the package's version (default: the plugin's)" },
    description: { value: "TEXT", help: "what it is for (default: the plugin's)" },
    author: { value: "NAME", help: "who makes it (default: the plugin's)" },
    force: { help: "write over a FILE that exists" },
  },
  "build-worker": {
    cc: { value: "COMMAND", help: "the C compiler (default: $CC, else cc)" },
  },
} as const satisfies Readonly<Record<string, Options>>;

export interface ParsedOptions {
  readonly positionals: readonly string[];
  has(name: string): boolean;
  /** The last value given, or undefined. */
  value(name: string): string | undefined;
  all(name: string): string[];
  /** @throws UsageError unless it is a whole number from `least` to `most`, by default what a timer takes */
  number(name: string, least: number, most?: number): number | undefined;
  /** @throws UsageError unless it is one of `choices` */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined;
}

/** @throws UsageError naming the nearest option where one is unknown */
export function parseOptions(verb: keyof typeof verbOptions, args: readonly string[]): ParsedOptions {
  const known: Options = { ...verbOptions[verb], help: { help: "show this help" } };
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(known).map(([name, { value }]) => [name, { type: value === undefined ? "boolean" : "string" }]),
    ),
    allowPositionals: true,
    strict: false, // its own errors name no near miss
    tokens: true,
  });
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (option === undefined) throw unknownOption(token.rawName, Object.keys(known));
    if (option.value === undefined && token.value !== undefined) {
      throw new UsageError(`${token.rawName} takes no value`);
    }
    if (option.value !== undefined && lacksValue(token)) {
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${option.value}`);
    }
    given.set(token.name, [...(given.get(token.name) ?? []), token.value ?? ""]);
  }
  const value = (name: string) => given.get(name)?.at(-1);
  return {
    positionals,
    has: (name) => given.has(name),
    value,
    all: (name) => given.get(name) ?? [],
    number(name, least, most = 0x7fffffff) {
      const text = value(name);
      if (text === undefined) return undefined;
      const number = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
      if (number >= least && number <= most) return number;
      throw new UsageError(`--${name} is \`${text}\`, a whole number from ${least} to ${most} is needed`);
    },
    choice(name, choices) {
      const text = value(name);
      const found = choices.find((choice) => choice === text);
      if (text === undefined || found !== undefined) return found;
      throw new UsageError(`--${name} is \`${text}\`, one of ${choices.join(", ")} is needed`);
    },
  };
}

/** Whether the value was forgotten: nothing follows, or another option does, or what a shell put there was empty. */
function lacksValue({ value = "", inlineValue }: { value?: string | undefined; inlineValue?: boolean | undefined }) {
  return value === "" || (inlineValue !== true && value.startsWith("--"));
}

function unknownOption(rawName: string, known: readonly string[]): UsageError {
  const guess = nearest(rawName.replace(/^-+/, ""), known);
  const meant = guess === undefined ? "see --help" : `did you mean --${guess}?`;
  return new UsageError(`there is no option ${rawName}; ${meant}`);
}
