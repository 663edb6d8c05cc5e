// docs/troubleshooting.md: every kind of error, from the registry, and what to do about it. `npm run docs` writes it;
// a test fails where that was forgotten.

import { writeFileSync } from "node:fs";
import { documentation } from "./documentation.ts";
import { dataOf, ErrorData } from "./error-data.ts";
import { type ErrorKind, errorKinds } from "./errors.ts";

type KindWithoutHint = {
  [Kind in ErrorKind]: (typeof errorKinds)[Kind] extends { hint: string } ? never : Kind;
}[ErrorKind];

/** What there is to say beside the hint; of a kind that has no hint of its own there must be something. */
const advice: Readonly<Record<KindWithoutHint, string> & Partial<Record<ErrorKind, string>>> = {
  PARSE_ERROR: "Its id could not be read, so the answer has the id null. The messages around it are not affected.",
  BAD_FRAME:
    "`problem` says what was wrong. Most often a length was counted in characters where bytes were meant, or something " +
    "else was printed to the pipe. `--framing headers` or `--framing lines` rules out that dlrpc took one for the other.",
  INVALID_PARAMS:
    "`issues` names every mistake by its place, and for an unknown member the nearest one that there is. " +
    "What each method takes is in [openrpc.json](../protocol/openrpc.json), and in the answer to `rpc.discover`.",
  INTERNAL_ERROR: "Please report it with the stack trace, what was asked, and what `dlrpc --version` says.",
  REQUEST_CANCELLED:
    "The host asked for it; nothing is to be mended. A call that ran may have had effects. Where its plugin was killed for it " +
    "and should not be, it has to look at `dlrpc_should_stop` ([progress.md](progress.md)), or the host has to give it " +
    "more time with `cancelGraceMs`.",
  PATH_NOT_FOUND:
    "`searched` lists the directories in which a name was looked for. Give the plugin's directory as `path`, or trust the " +
    "directory that holds it with `--trust`. Relative paths begin at the workspace root, else where dlrpc was started.",
  UNTRUSTED_PATH:
    "Outside: trust the directory that holds the plugin with `--trust`, in `DLRPC_TRUSTED_DIRS`, or move the plugin to " +
    "`~/.vtcode/plugins`. Links are followed first, so it is where a link leads that must be trusted. Others may write to it, " +
    "which only `--strict-permissions` refuses: the hint names the command that changes that.",
  INVALID_PLUGIN:
    "`issues` names every mistake in plugin.json. It is a JSON object with at least `name`, `description` and `version`, " +
    "strings all three; see [SPEC.md](../protocol/SPEC.md#7-plugins), A3. `dlrpc validate` shows all problems of a directory at " +
    "once, and so does `plugin/validate`.",
  LIBRARY_NOT_FOUND:
    "`tried` lists the names that were looked for, first in `lib/PLATFORM/` and then in the plugin's directory. Build the " +
    "library for this platform and put it there under one of them. For which platforms there are libraries the message says.",
  LIBRARY_LOAD_FAILED:
    "`reason` says what it was ([SPEC.md](../protocol/SPEC.md#pluginload), P9): a library that is not there, or that the " +
    "profile does not let the plugin read (then `grant` is what to put into `sandbox`), a symbol or version that is missing, " +
    "another platform. `ldd` on the library shows what it needs (macOS: `otool -L`, Windows: `dumpbin /dependents`). See [sandbox.md](sandbox.md#a-library-that-is-not-found).",
  SYMBOL_MISSING:
    '`symbols` names them. In C++ they need `extern "C"`, in Rust `#[no_mangle]` and a crate of the type `cdylib`, in Go ' +
    "`//export` and `-buildmode=c-shared`. `nm -D` on the library lists what it exports (macOS: `nm -gU`, Windows: " +
    "`dumpbin /exports`).",
  ABI_MISMATCH: "`actual` is the plugin's, `expected` what dlrpc loads.",
  INVALID_METADATA: "`excerpt` is the beginning of what it returned, `issues` what is wrong with it.",
  INTEGRITY_FAILED:
    "`problem` says which file or signature it is, `expected` and `actual` are the hashes. An author who has built the library anew " +
    "runs `dlrpc sign` again. See [signing.md](signing.md).",
  SANDBOX_UNAVAILABLE:
    "The message names the layer that is missing and why: on Linux an old kernel, one without Landlock, or a container that " +
    "forbids it. What each system enforces is in [platforms.md](platforms.md).",
  WORKER_UNAVAILABLE:
    "The hint says which of two it is. No worker is there for this processor or C library: `dlrpc build-worker` compiles one, " +
    "which takes a C compiler. Or the system, or a sandbox around dlrpc, forbids what starting a process takes.",
  RESOURCES_EXHAUSTED:
    "`resource` says of what: `handles` are bounded by `--max-handles`, descriptors, processes and memory by the system (`ulimit -a`, " +
    "on Linux the container, too; Windows has no such limits but its memory). What is loaded goes on working.",
  UNKNOWN_HANDLE:
    "After a restart of dlrpc all plugins have to be loaded again. A call that is sent before the answer to its `plugin/load` " +
    "has arrived has no handle yet.",
  PLUGIN_CRASHED:
    '`signal` or `exitCode` says how it ended, `stderrTail` and `stdoutTail` what it said last. With `reason: "memory"` it ' +
    'used more than `memoryMb`: ask for more, see [sandbox.md](sandbox.md#memory). With `reason: "temporary-files"` ' +
    "its `TMPDIR` held too much, see [sandbox.md](sandbox.md#temporary-files). With `sibling-timeout` or `sibling-cancelled` another call of the same process had to be " +
    "ended. The next call gets a fresh process. How to find the place of a crash: [crashes.md](crashes.md).",
  PLUGIN_TIMEOUT:
    "The call may have had effects. A plugin that looks at `dlrpc_should_stop` keeps its process when it is too late " +
    "([progress.md](progress.md)). A load takes too long where constructors or `vtcode_plugin_metadata` do.",
  INVALID_RESULT:
    "`problem` says what is wrong, `excerpt` is the beginning of the answer. Most often a string was not escaped, or " +
    "`output` is no object. With `--portable-json` also what other parsers do not read.",
  OVERLOADED:
    "The request was not begun and can be sent again; but where the answer to a batch became too large for it, it was " +
    "carried out.",
  SHUTTING_DOWN: "A call that ran and was ended for it may have had effects.",
  PLUGIN_QUARANTINED:
    "Three crashes within a minute lead to it. The errors of the kind `PLUGIN_CRASHED` before it say why.",
};

const introduction = `# Troubleshooting

<!-- \`npm run docs\` has written this page, from protocol/errors.ts and protocol/troubleshooting.ts. -->

Every error has a kind, which is stable; its message is for people and may change. A host finds the kind in
\`error.data.kind\`, the command line prints it before the message
(\`dlrpc help exec\` lists the statuses that it then ends with), and a tool's failure in MCP begins with it. Where dlrpc
knows what to do it says so in \`error.data.hint\`. Warnings, which keep a plugin from nothing, have codes of their own:
[SPEC.md](../protocol/SPEC.md#plugindiscover-and-pluginvalidate), D3.

Nothing in the list fits? \`--log-level debug\` says on stderr what dlrpc looks for, loads, grants and ends. A plugin that
works without a sandbox and not with one: [sandbox.md](sandbox.md). A tool that is missing in an agent:
[mcp.md](mcp.md).`;

/** The page as it stands in the repository. */
export function troubleshootingText(): string {
  const kinds = Object.keys(errorKinds) as ErrorKind[];
  const rows = kinds.map(
    (kind) => `| [\`${kind}\`](#${kind.toLowerCase()}) | ${errorKinds[kind].code} | ${errorKinds[kind].when} |`,
  );
  const table = ["| kind | code | when |", "|---|---|---|", ...rows].join("\n");
  return `${[introduction, table, ...kinds.map(section), members()].join("\n\n")}\n`;
}

function members(): string {
  const rows = Object.entries(ErrorData.def.shape).map(
    ([name, schema]) => `| \`${name}\` | ${documentation.get(schema)?.description} |`,
  );
  return ["## What `data` holds", ["| member | meaning |", "|---|---|", ...rows].join("\n")].join("\n\n");
}

function section(kind: ErrorKind): string {
  const entry = errorKinds[kind];
  const members = dataOf[kind].map((member) => `\`${member}\``);
  return [
    `## ${kind}`,
    `${entry.when} Code ${entry.code}.`,
    ...("hint" in entry ? [`**What to do.** ${entry.hint}`] : []),
    ...(advice[kind] === undefined ? [] : ["hint" in entry ? advice[kind] : `**What to do.** ${advice[kind]}`]),
    ...(members.length === 0 ? [] : [`In [\`data\`](#what-data-holds): ${members.join(", ")}.`]),
  ].join("\n\n");
}

if (import.meta.main) writeFileSync(new URL("../docs/troubleshooting.md", import.meta.url), troubleshootingText());
