// Owns `dlrpc exec`: one call of one plugin, for people and scripts.

import { existsSync, readFileSync } from "node:fs";
import { sep } from "node:path";
import { DlrpcError } from "../../protocol/errors.ts";
import type { Sandbox } from "../../protocol/messages.ts";
import { RawJson } from "../../protocol/raw.ts";
import { MOST_MEMORY_MB } from "../../protocol/sandbox.ts";
import { profiles } from "../confinement/policy.ts";
import { Call } from "../hosting/call.ts";
import { PluginHost } from "../hosting/plugin-host.ts";
import { DocumentError, readDocument } from "../json/document.ts";
import { makeBlocking } from "../native/descriptors.ts";
import { goOnUntil } from "../native/reactor.ts";
import { log } from "../observe/log.ts";
import { composeContext } from "../plugins/context.ts";
import { Examination } from "../plugins/examine.ts";
import { findByName } from "../plugins/find.ts";
import { isSuccess } from "../plugins/result.ts";
import { absolute } from "../rpc/absolute.ts";
import { environmentOf } from "../server/environment.ts";
import { loadWarnings } from "../server/load-warnings.ts";
import { withRequested } from "../server/requested-grants.ts";
import { confinementOf, requireEnforced } from "../server/sandbox.ts";
import { Session } from "../server/session.ts";
import { defaultSettings } from "../server/settings.ts";
import { asLine, ExecReply } from "./exec-reply.ts";
import { explanationTable } from "./explanation-table.ts";
import { type ParsedOptions, parseOptions, UsageError } from "./options.ts";
import { print, printError } from "./output.ts";
import { ProgressBar } from "./progress-bar.ts";
import { namedFiles, signaturePolicy } from "./signature-policy.ts";
import { execVerb } from "./verbs/exec.ts";

const STDIN = 0;

/** @returns the exit status: 0, or 1 for a result with success:false @throws UsageError, DlrpcError */
export function runExec(args: readonly string[]): Promise<number> {
  return goOnUntil(exec(args));
}

async function exec(args: readonly string[]): Promise<number> {
  const options = parseOptions(execVerb, args);
  const [plugin, stray] = options.positionals;
  if (plugin === undefined || plugin === "") throw new UsageError("exec needs the path or the name of a plugin");
  if (stray !== undefined) throw new UsageError(`\`${stray}\` is one too many; exec runs one plugin`);
  const workspace = workspaceOf(options);
  const context = composeContext(objectOption(options, "input"), workspace ?? null, objectOption(options, "config"));
  const timeoutMs = options.number("timeout-ms", 1);
  const session = sessionOf(options, workspace);
  const environment = environmentOf(variablesOf(options), {}, session);
  const given = grantsOf(options);
  const loadable = (await examine(plugin, session)).requireLoadable();
  const { permissions } = loadable.files.manifest;
  const confinement = confinementOf(
    options.has("grant-requested") ? withRequested(given, permissions) : given,
    session,
  );

  const bar = new ProgressBar();
  const host = new PluginHost({
    maxMessageBytes: defaultSettings.maxMessageBytes,
    maxPending: 1,
    maxHandles: 1,
    concurrency: 1,
    events: {
      hearsOutput: true,
      output: (_handle, _stream, bytes) => bar.aboveError(bytes),
      exited() {},
      refused() {},
    },
  });
  let isInterrupted = false;
  try {
    const handle = await host.load(async () => loadable, {
      confinement,
      environment,
      accept: (report) => requireEnforced(confinement, report),
      timeoutMs,
      defaults: { config: undefined, timeoutMs },
      cancelled: new AbortController().signal,
    });
    for (const { code, message } of loadWarnings(handle, session)) log("warn", `${code}: ${message}`);
    const reply = new ExecReply(bar, options.has("stream"));
    const times = { timeoutMs, graceMs: defaultSettings.cancelGraceMs };
    const call = new Call(handle, context, times, reply);
    process.once("SIGINT", () => {
      isInterrupted = true;
      call.cancel();
    });
    handle.execute(call);
    const result = await reply.settled.finally(() => call.cancel()); // it may run on where what it says cannot be printed
    print(options.has("stream") ? `${asLine(result)}\n` : `${result}\n`);
    return isSuccess(result) ? 0 : 1;
  } finally {
    bar.end();
    await host.close(defaultSettings.drainMs);
    const explained = confinement.explanation?.describe();
    if (explained !== undefined) printError(Buffer.from(explanationTable(explained)));
    if (isInterrupted) await endAsInterrupted();
  }
}

/** A shell that runs this in a loop or a script ends, too, where it sees that Ctrl-C has ended it. Its status there is 130. */
function endAsInterrupted(): Promise<never> {
  process.kill(process.pid, "SIGINT"); // it was heard once, and is not any more
  return new Promise(() => {});
}

/** @throws UsageError where one is to be trusted and none is named */
function workspaceOf(options: ParsedOptions): string | undefined {
  const workspace = options.value("workspace");
  if (workspace !== undefined) return absolute(workspace);
  if (options.has("trust-workspace")) throw new UsageError("--trust-workspace needs --workspace DIR");
  return undefined;
}

/** What a person grants: paths are relative to the working directory, as all that is typed. */
function grantsOf(options: ParsedOptions): Sandbox {
  const memoryMb = options.number("memory-mb", 1, MOST_MEMORY_MB);
  const profile = options.choice("sandbox", profiles);
  return {
    ...(profile !== undefined && { profile }),
    ...(options.has("network") && { network: true }),
    ...(options.has("exec") && { exec: true }),
    ...(options.has("gpu") && { gpu: true }),
    ...(options.has("explain") && { explain: true }),
    read: options.all("read").map((path) => absolute(path)),
    write: options.all("write").map((path) => absolute(path)),
    ...(memoryMb !== undefined && { memoryMb }),
  };
}

function sessionOf(options: ParsedOptions, workspace: string | undefined): Session {
  const settings = {
    ...defaultSettings,
    trustWorkspace: options.has("trust-workspace"),
    trust: options.all("trust"),
    strictPermissions: options.has("strict-permissions"),
    signatures: signaturePolicy(options),
    files: namedFiles(options),
  };
  const session = new Session(settings, process.env);
  if (workspace !== undefined) session.enterWorkspace(workspace);
  return session;
}

/** A path that a person typed is meant to run; a name is looked up where plugins are trusted. */
async function examine(plugin: string, session: Session): Promise<Examination> {
  if (plugin.includes(sep) || existsSync(plugin)) {
    session.trust.add(absolute(plugin));
    return Examination.of(absolute(plugin), session.examination);
  }
  const path = await findByName(plugin, session.examination);
  if (path !== undefined) return Examination.of(path, session.examination);
  throw new DlrpcError("PATH_NOT_FOUND", `There is no directory ${plugin}, and no trusted plugin of that name`, {
    hint: `Searched: ${session.trust.canonical.join(", ") || "nothing, for no trusted directory exists"}.`,
  });
}

/** The last value that each name was given. @throws UsageError for what is no NAME=VALUE */
function variablesOf(options: ParsedOptions): Record<string, string> {
  const assignments = options.all("env").map((text) => {
    const at = text.indexOf("=");
    if (at < 1) throw new UsageError(`--env is \`${text}\`, NAME=VALUE is needed`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return Object.fromEntries(assignments);
}

/** @throws UsageError unless the option holds a JSON object */
function objectOption(options: ParsedOptions, name: string): RawJson {
  const value = options.value(name);
  if (value === undefined) return RawJson.from({});
  try {
    const document = readDocument(readOperand(value, name));
    if (document.isObject) return document;
  } catch (error) {
    if (error instanceof DocumentError) throw new UsageError(`--${name} is ${error.message}; a JSON object is needed`);
    throw error;
  }
  throw new UsageError(`--${name} is not a JSON object`);
}

function readOperand(value: string, name: string): Buffer {
  const isStdin = value === "-";
  if (!isStdin && !value.startsWith("@")) return Buffer.from(value);
  try {
    if (isStdin) makeBlocking(STDIN); // a parent may have it otherwise, and then what is late would be missed
    return readFileSync(isStdin ? STDIN : value.slice(1));
  } catch (error) {
    throw new UsageError(`--${name}: ${error instanceof Error ? error.message : error}`);
  }
}
