// Owns `dlrpc exec`: one call of one plugin, for people and scripts.

import { existsSync, readFileSync } from "node:fs";
import { resolve, sep } from "node:path";
import { DlrpcError } from "../../protocol/errors.ts";
import { RawJson } from "../../protocol/raw.ts";
import { Call } from "../hosting/call.ts";
import { PluginHost } from "../hosting/plugin-host.ts";
import { DocumentError, readDocument } from "../json/document.ts";
import { composeContext } from "../plugins/context.ts";
import { Examination } from "../plugins/examine.ts";
import { findByName } from "../plugins/find.ts";
import { isSuccess } from "../plugins/result.ts";
import { Session } from "../server/session.ts";
import { defaultSettings } from "../server/settings.ts";
import { execOptions, type ParsedOptions, parseOptions, UsageError } from "./options.ts";

const STDIN = 0;

/** @returns the exit status: 0, or 1 for a result with success:false @throws UsageError, DlrpcError */
export async function runExec(args: readonly string[], print: (text: string) => void): Promise<number> {
  const options = parseOptions(args, execOptions);
  const [plugin, stray] = options.positionals;
  if (plugin === undefined) throw new UsageError("exec needs the path or the name of a plugin");
  if (stray !== undefined) throw new UsageError(`\`${stray}\` is one too many; exec runs one plugin`);
  const context = composeContext(
    objectOption(options, "input"),
    options.has("workspace") ? resolve(options.value("workspace") ?? "") : null,
    objectOption(options, "config"),
  );
  const timeoutMs = options.number("timeout-ms", 1);

  const host = new PluginHost({
    maxMessageBytes: defaultSettings.maxMessageBytes,
    maxPending: 1,
    concurrency: 1,
    events: {
      output: (_handle, _stream, bytes) => process.stderr.write(bytes),
      exited() {},
    },
  });
  try {
    const handle = await host.load(async () => (await examine(plugin, options)).requireLoadable(), {
      isolation: "process",
      timeoutMs,
      defaults: { config: undefined, timeoutMs },
      cancelled: new AbortController().signal,
    });
    const result = await new Promise<RawJson>((result, error) => {
      handle.execute(new Call(context, timeoutMs, { requestId: RawJson.from(null), started() {}, result, error }));
    });
    print(`${result}\n`);
    return isSuccess(result) ? 0 : 1;
  } finally {
    await host.close(defaultSettings.drainMs);
  }
}

/** A path that a person typed is meant to run; a name is looked up where plugins are trusted. */
async function examine(plugin: string, options: ParsedOptions): Promise<Examination> {
  const session = new Session(
    {
      ...defaultSettings,
      trust: options.all("trust"),
      strictPermissions: options.has("strict-permissions"),
    },
    process.env,
  );
  if (plugin.includes(sep) || existsSync(plugin)) {
    session.trust.add(resolve(plugin));
    return Examination.of(resolve(plugin), session.examination);
  }
  const path = await findByName(plugin, session.examination);
  if (path !== undefined) return Examination.of(path, session.examination);
  throw new DlrpcError("PATH_NOT_FOUND", `There is no directory ${plugin}, and no trusted plugin of that name`, {
    hint: `Searched: ${session.trust.canonical.join(", ") || "nothing, for no trusted directory exists"}.`,
  });
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
  if (value === "-") return readFileSync(STDIN);
  if (!value.startsWith("@")) return Buffer.from(value);
  try {
    return readFileSync(value.slice(1));
  } catch (error) {
    throw new UsageError(`--${name}: ${error instanceof Error ? error.message : error}`);
  }
}
