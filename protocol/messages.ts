// What a host sends: the params of every method, checked on arrival (SPEC sections 3 and 4). What a host gets back
// is in results.ts; its types are to be had from here as well.

import * as z from "zod/mini";
import { namePattern } from "./abi-names.ts";
import { about, rawForms } from "./documentation.ts";
import { PROTOCOL_VERSION } from "./fast-path.ts";
import { Handle, isolation } from "./handle.ts";
import { RawJson } from "./raw.ts";
import { Sandbox } from "./sandbox.ts";
import { wanted, wantedNames } from "./wanted.ts";

export type * from "./results.ts";
export type { NeededGrants, Permissions, Sandbox } from "./sandbox.ts";

const AnyObject = z.record(z.string(), z.unknown());

/** A JSON object that passes through as the text that was written (M5). */
function rawObject(): z.ZodMiniCustom<RawJson, RawJson> {
  const schema = z.custom<RawJson>((value) => value instanceof RawJson && value.isObject, "must be an object");
  rawForms.set(schema, AnyObject);
  return schema;
}
const milliseconds = () => z.optional(z.int().check(z.positive(), z.lte(0x7fffffff)));
const workspaceRoot = () => z.optional(z.nullable(z.string()));

const LONGEST_VERSION = 40;

function notSpoken(version: unknown): string {
  const text = JSON.stringify(version);
  const shown = text.length > LONGEST_VERSION ? `${text.slice(0, LONGEST_VERSION)}…` : text;
  return `this dlrpc speaks version ${PROTOCOL_VERSION}, not ${shown}`;
}

const toldAs = wantedNames.map((name, i) => `\`${name}\` ${i === 0 ? "is " : ""}${wanted[name]}`).join(", ");

/** What `initialize` takes (L1). Unknown members are ignored here and nowhere else: LSP client libraries send their own. */
export const InitializeParams = z.object({
  protocolVersion: about(
    "The version of this protocol that the host speaks: 1, the default.",
    z.optional(z.literal(PROTOCOL_VERSION, { error: ({ input }) => notSpoken(input) })),
  ),
  clientInfo: about(
    "Who the host is.",
    z.optional(
      z.nullable(
        z.object({
          name: about("The host's name.", z.string()),
          version: about("The host's version.", z.optional(z.string())),
        }),
      ),
    ),
  ),
  processId: about(
    "The process without which dlrpc ends (L4). Default: the one that started it.",
    z.optional(z.nullable(z.int().check(z.positive()))),
  ),
  workspaceRoot: about("What paths are relative to, and what calls get as their workspace_root (E1).", workspaceRoot()),
  trustedDirs: about(
    "Directories to trust beside the others; relative to workspaceRoot, else to the working directory (T1).",
    z.optional(z.array(z.string().check(z.minLength(1)))),
  ),
  notifications: about(
    `What the host wants to be told: ${toldAs}. Default: nothing.`,
    z.optional(z.array(z.enum(wantedNames))),
  ),
});
export type InitializeParams = z.infer<typeof InitializeParams>;

/** What a method takes that takes nothing. */
export const EmptyParams = z.strictObject({});
/** What a method takes that is about one loaded plugin. */
export const HandleParams = z.strictObject({ handle: Handle });

/** What plugin/load takes: which plugin, how it is confined, and what holds for its calls (P1 to P9). */
export const LoadParams = z.strictObject({
  path: about(
    "The plugin's directory; relative to workspaceRoot, else to the working directory. Give this or `name`.",
    z.optional(z.string().check(z.minLength(1))),
  ),
  name: about(
    "The plugin's name, to be looked up in the trusted directories (P4). Give this or `path`.",
    z.optional(z.string().check(z.regex(namePattern, "must be a plugin's name, not a path (use `path` for that)"))),
  ),
  config: about("The config of every call that gives none itself (E1). Default: {}.", z.optional(rawObject())),
  timeoutMs: about(
    "How long the library may take to load (P5), and the deadline of every call that gives none itself (E3).",
    milliseconds(),
  ),
  isolation: about(
    "Where the plugin runs: in a process of its own, always. `inline` is no more, and a process is as fast as that was.",
    z.optional(isolation()),
  ),
  sandbox: about("Default: {}.", z.optional(Sandbox)),
  env: about(
    "Variables for the plugin's environment, beside those that pass by themselves, or in their place (P7, P8). Default: {}.",
    z.optional(z.record(z.string(), z.string())),
  ),
  integrity: about(
    "The hash that the library file must have. Another is refused with INTEGRITY_FAILED, at each reload, too.",
    z.optional(z.string().check(z.regex(/^sha256-[A-Za-z0-9+/]{43}=$/, "must be sha256-<base64>"))),
  ),
});
export type LoadParams = z.infer<typeof LoadParams>;

/** What plugin/execute takes (E1 to E9). Times are in milliseconds. */
export const ExecuteParams = z.strictObject({
  handle: Handle,
  input: about("What the plugin is to work on. Default: {}.", z.optional(rawObject())),
  workspaceRoot: about("The plugin's workspace_root. Default: the one of initialize, else null.", workspaceRoot()),
  config: about(
    "The call's config, in the place of the one of plugin/load: nothing is merged (E1).",
    z.optional(rawObject()),
  ),
  timeoutMs: about("How long the call may run, from its start (E3).", milliseconds()),
  progressToken: about(
    "Asks for $/progress under this token, where initialize asked for `progress`.",
    z.optional(z.union([z.string(), z.int()])),
  ),
  partialResults: about(
    "Whether plugin/output is sent for what the plugin hands over before its answer (X4). Default: whether initialize asked for `output`.",
    z.optional(z.boolean()),
  ),
  cancelGraceMs: about(
    "How long the plugin may go on once the call is to stop, before its process is ended (X7). Default: --cancel-grace-ms.",
    z.optional(z.int().check(z.nonnegative(), z.lte(0x7fffffff))),
  ),
});
export type ExecuteParams = z.infer<typeof ExecuteParams>;

/** What plugin/unload takes. */
export const UnloadParams = z.strictObject({
  handle: Handle,
  force: about(
    "Whether calls that run or wait are ended with REQUEST_CANCELLED. Default: false.",
    z.optional(z.boolean()),
  ),
});

/** What plugin/discover takes (D1, D2). */
export const DiscoverParams = z.strictObject({
  dirs: about(
    "The directories to look into; each must be trusted. Default: all trusted ones.",
    z.optional(z.array(z.string().check(z.minLength(1)))),
  ),
});

/** What plugin/validate takes (D1, D3). */
export const ValidateParams = z.strictObject({
  path: about(
    "The plugin's directory; relative to workspaceRoot, else to the working directory. It need not be trusted.",
    z.string().check(z.minLength(1)),
  ),
});
