// Owns the methods of MCP: about ten, in both ways in which revisions have them (G1 to G4).

import { DlrpcError } from "../../protocol/errors.ts";
import { RawJson } from "../../protocol/raw.ts";
import { didYouMean } from "../base/nearest.ts";
import { invalidParams } from "../rpc/params.ts";
import type { IncomingRequest } from "../rpc/request.ts";
import type { Members } from "./params.ts";
import { cacheableIn, serverInfo } from "./responses.ts";
import { type Meta, type Revision, revisions, STATELESS, versionIn } from "./revision.ts";
import type { Subscriptions } from "./subscriptions.ts";
import { type CallOptions, callTool } from "./tools/call.ts";
import type { Catalog } from "./tools/catalog.ts";
import type { Tool } from "./tools/tool.ts";

const capabilities = { tools: { listChanged: true } };

/** A page of tools/list fits into a line that clients take, with room to spare. */
const PAGE_BYTES = 4 * 1024 * 1024;
/** A tool's name is shorter. */
const LONGEST_SHOWN = 200;

type Method = (request: IncomingRequest, members: Members) => void;

const VERSION_NEEDED = "must be a string, such as 2025-11-25; dlrpc's own protocol is spoken by `dlrpc serve`";

export function mcpMethods(
  revision: Revision,
  catalog: Catalog,
  subscriptions: Subscriptions,
  calls: CallOptions,
): ReadonlyMap<string, Method> {
  const metaOf = (members: Members): Meta => revision.of(members.get("_meta"));
  return new Map<string, Method>(
    Object.entries({
      initialize: (request, members) => {
        if (versionIn(members.get("_meta")) === STATELESS) throw methodNotFound("initialize", ["server/discover"]);
        const version = members.get("protocolVersion")?.parse();
        if (typeof version !== "string") throw invalidParams([{ path: "protocolVersion", message: VERSION_NEEDED }]);
        const protocolVersion = revision.agree(version);
        request.resolve({ protocolVersion, capabilities, serverInfo });
        catalog.begin();
      },

      ping: (request, members) => {
        // It may come before `initialize`, when nothing is agreed on.
        if (versionIn(members.get("_meta")) !== undefined && metaOf(members).revision === STATELESS) {
          throw methodNotFound("ping", ["server/discover"]);
        }
        request.resolve({});
      },

      "server/discover": (request, members) => {
        const { revision } = metaOf(members);
        if (revision !== STATELESS) throw methodNotFound("server/discover", ["initialize"]);
        request.resolve(cacheableIn(revision, { supportedVersions: revisions, capabilities }));
      },

      "subscriptions/listen": (request, members) => {
        const { revision } = metaOf(members);
        if (revision !== STATELESS) throw methodNotFound("subscriptions/listen", []);
        subscriptions.listen(request, members.get("notifications"));
        catalog.begin();
      },

      "tools/list": (request, members) => {
        const { revision } = metaOf(members);
        const cursor = cursorOf(members.get("cursor"));
        calls.arriving.later(request, async () => {
          await catalog.refresh();
          request.resolve(cacheableIn(revision, pageOf(catalog.all, cursor)));
        });
      },

      "tools/call": (request, members) => {
        const meta = metaOf(members);
        const name = nameOf(members.get("name"));
        const input = members.get("arguments") ?? NO_ARGUMENTS;
        if (!input.isObject) throw invalidParams([{ path: "arguments", message: "must be an object" }]);
        const tool = catalog.get(name);
        if (tool !== undefined) return callTool(tool, input, request, meta, calls);
        const kept = input.kept();
        calls.arriving.later(request, async () => {
          await catalog.refresh(); // it may have been installed meanwhile
          const found = catalog.get(name);
          if (found === undefined) throw unknownTool(name, catalog.names);
          if (request.isWaiting) callTool(found, kept, request, meta, calls);
        });
      },
    } satisfies Record<string, Method>),
  );
}

const NO_ARGUMENTS = RawJson.from({});

/** @param known the methods that there are */
export function methodNotFound(name: string, known: readonly string[]): DlrpcError {
  const hint = name.startsWith("plugin/")
    ? "This is MCP; dlrpc's own protocol is spoken by `dlrpc serve`."
    : `There are ${known.join(", ")}.`;
  const message = `There is no method \`${name.slice(0, LONGEST_SHOWN)}\`${didYouMean(name, known)}`;
  return new DlrpcError("METHOD_NOT_FOUND", message, { hint });
}

function unknownTool(name: string, known: readonly string[]): DlrpcError {
  const message = `Unknown tool: ${name.slice(0, LONGEST_SHOWN)}${didYouMean(name, known)}`;
  return new DlrpcError("INVALID_PARAMS", message, { hint: "tools/list names the tools that there are." });
}

/** @throws DlrpcError INVALID_PARAMS */
function nameOf(text: RawJson | undefined): string {
  const bytes = text?.bytes ?? NO_BYTES;
  if (lastName.bytes.equals(bytes)) return lastName.name;
  const name = text === undefined || bytes.length > MOST_TEXT ? undefined : text.parse();
  if (typeof name === "string") {
    lastName = { bytes: Buffer.from(bytes), name };
    return name;
  }
  throw invalidParams([{ path: "name", message: "must be a string: the name of a tool" }]);
}

const MOST_TEXT = 4096;
const NO_BYTES = new Uint8Array();

/** Most calls are of the same tool as the one before. */
let lastName = { bytes: Buffer.from('""'), name: "" };

/** @throws DlrpcError INVALID_PARAMS */
function cursorOf(text: RawJson | undefined): string | undefined {
  if (text === undefined) return undefined;
  const cursor = text.bytes.length > MOST_TEXT ? undefined : text.parse();
  if (typeof cursor === "string") return cursor;
  throw invalidParams([{ path: "cursor", message: "must be a nextCursor that tools/list gave" }]);
}

/** @param cursor the name behind which the page begins */
function pageOf(all: readonly Tool[], cursor: string | undefined): object {
  const left = cursor === undefined ? all : all.filter(({ name }) => name > cursor);
  const tools: RawJson[] = [];
  let bytes = 0;
  for (const { entry } of left) {
    bytes += entry.bytes.length;
    if (tools.length > 0 && bytes > PAGE_BYTES) break;
    tools.push(entry);
  }
  const last = left[tools.length - 1];
  return { tools, ...(last !== undefined && tools.length < left.length && { nextCursor: last.name }) };
}
