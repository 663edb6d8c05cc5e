// `dlrpc mcp`: its command line.

import type { Sandbox } from "../../../protocol/messages.ts";
import { MOST_MEMORY_MB } from "../../../protocol/sandbox.ts";
import { absolute } from "../../base/absolute-path.ts";
import { serveMcp } from "../../mcp/serve.ts";
import { type ParsedOptions, parseOptions, UsageError } from "../options.ts";
import { configHosts, mcpVerb } from "./mcp-verb.ts";
import { printConfig } from "./print-config.ts";
import { readSettings, withHost } from "./serve.ts";

/** With the longest name of a plugin, 64 letters, as long as MCP wants names to be at most. */
const PREFIX = /^[A-Za-z0-9_.-]{0,64}$/;

/** @returns the exit status @throws UsageError, CommandError */
export async function runMcp(args: readonly string[]): Promise<number> {
  const options = parseOptions(mcpVerb, args);
  const settings = readSettings(options);
  const workspace = options.value("workspace");
  if (options.has("trust-workspace") && workspace === undefined) {
    throw new UsageError("--trust-workspace needs --workspace DIR");
  }
  const prefix = options.value("prefix") ?? "";
  if (!PREFIX.test(prefix))
    throw new UsageError(`--prefix is \`${prefix}\`, at most 64 of A-Z a-z 0-9 _ - . are needed`);
  const mcp = {
    settings,
    workspace,
    prefix,
    only: options.all("only"),
    grants: { given: grantsOf(options), requested: new Set(options.all("grant-requested")) },
    idleUnloadMs: options.number("idle-unload-ms", 1),
  };
  const host = options.choice("print-config", configHosts);
  if (host !== undefined) return printConfig(host, options, mcpVerb.options);
  return withHost(options, settings, (streams, auditLog) => serveMcp(mcp, streams, auditLog));
}

/** @throws UsageError for what is no NAME:WHAT */
function grantsOf(options: ParsedOptions): Map<string, Sandbox> {
  const given = new Map<string, Sandbox>();
  for (const text of options.all("grant")) {
    const at = text.indexOf(":");
    const name = text.slice(0, Math.max(0, at));
    const granted = at < 1 ? undefined : granting(given.get(name) ?? {}, text.slice(at + 1));
    if (granted === undefined) {
      const forms = "NAME:network, NAME:exec, NAME:gpu, NAME:read=PATH, NAME:write=PATH or NAME:memory-mb=N";
      throw new UsageError(`--grant is \`${text}\`, ${forms} is needed`);
    }
    given.set(name, granted);
  }
  return given;
}

/** @returns undefined where it is not understood what is granted */
function granting(before: Sandbox, what: string): Sandbox | undefined {
  const at = what.indexOf("=");
  const [name, value] = at < 0 ? [what, undefined] : [what.slice(0, at), what.slice(at + 1)];
  if (value === undefined) {
    return name === "network" || name === "exec" || name === "gpu" ? { ...before, [name]: true } : undefined;
  }
  if (name === "read" || name === "write") {
    return value === "" ? undefined : { ...before, [name]: [...(before[name] ?? []), absolute(value)] };
  }
  const memoryMb = /^[0-9]{1,7}$/.test(value) ? Number(value) : 0;
  return name === "memory-mb" && memoryMb >= 1 && memoryMb <= MOST_MEMORY_MB ? { ...before, memoryMb } : undefined;
}
