// Owns how responses of MCP are written: with codes that are MCP's, and what each result says beside its own (G2, G3).

import type { DlrpcError } from "../../protocol/errors.ts";
import { RawJson } from "../../protocol/raw.ts";
import { version } from "../base/version.ts";
import { NULL_ID } from "../rpc/message.ts";
import type { Outcome } from "../rpc/request.ts";
import { encodeResponse, type OutgoingMessage, type ResponseEncoder } from "../rpc/response.ts";
import { revisions, STATELESS, UnsupportedVersion } from "./revision.ts";

export const serverInfo = { name: "dlrpc", title: "dlrpc: native plugins", version };

const INTERNAL = -32603;
const UNSUPPORTED_VERSION = -32022;
/** Those of JSON-RPC. What lies between -32000 and -32099 is MCP's, or was somebody's once: no code of ours goes out. */
const standard: ReadonlySet<number> = new Set([-32700, -32600, -32601, -32602, INTERNAL]);

/** An error without an id that could be read has none: null is no id in MCP. */
export const encodeMcpResponse: ResponseEncoder = (id: string, outcome: Outcome): OutgoingMessage => {
  if (!("error" in outcome)) return encodeResponse(id, outcome);
  const whose = id === NULL_ID ? "" : `"id":${id},`;
  const body = Buffer.from(JSON.stringify(errorOf(outcome.error)));
  return { head: `{"jsonrpc":"2.0",${whose}"error":`, body, tail: "}", isOurs: true };
};

function errorOf(error: DlrpcError): object {
  const { code, message, data } = error.toJSON();
  if (error instanceof UnsupportedVersion) {
    return { code: UNSUPPORTED_VERSION, message, data: { supported: revisions, requested: error.requested } };
  }
  return { code: standard.has(code) ? code : INTERNAL, message, data };
}

const complete = {
  resultType: "complete",
  _meta: { "io.modelcontextprotocol/serverInfo": serverInfo },
};

/** A result with what its revision wants to be said in each. @param meta more of its `_meta` */
export function resultIn(revision: string, members: object, meta: object = {}): object {
  return revision === STATELESS ? { ...complete, _meta: { ...complete._meta, ...meta }, ...members } : members;
}

const completeText = `${JSON.stringify(complete).slice(0, -1)},`;

/** The beginning of such a result, up to where its own members begin. */
export function beginningIn(revision: string): string {
  return revision === STATELESS ? completeText : "{";
}

/** A result that may be cached in the revisions that know of that; it may be out of date at any time. */
export function cacheableIn(revision: string, members: object): object {
  return resultIn(revision, revision === STATELESS ? { ...members, ttlMs: 0, cacheScope: "private" } : members);
}

/** A content block of text. */
export function textBlock(text: string): RawJson {
  return RawJson.from({ type: "text", text: text.toWellFormed() });
}
