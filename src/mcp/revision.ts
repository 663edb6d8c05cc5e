// Owns which revision of MCP a request is in, and so how it is answered (G1, G2). 2026-07-28 is stateless: each request says
// its revision. Earlier ones are agreed on by `initialize`, for the process.

import { DlrpcError } from "../../protocol/errors.ts";
import { RawJson } from "../../protocol/raw.ts";
import { textsOf } from "../json/members.ts";
import { invalidParams } from "../rpc/params.ts";

/** The revision in which each request stands for itself. */
export const STATELESS = "2026-07-28";
/** Those with `initialize`, the newest first. */
export const withInitialize = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] as const;
export const revisions: readonly string[] = [STATELESS, ...withInitialize];

const PREFIX = "io.modelcontextprotocol/";
const VERSION = `${PREFIX}protocolVersion`;
const CAPABILITIES = `${PREFIX}clientCapabilities`;
/** No client writes more. */
const LONGEST_META = 512 * 1024;

/** A request is in a revision that is not spoken. */
export class UnsupportedVersion extends DlrpcError {
  readonly requested: string;

  constructor(requested: string) {
    super("INVALID_PARAMS", `MCP ${requested.slice(0, 80)} is not spoken here`);
    this.requested = requested;
  }
}

/** What a request says beside its params. */
export interface Meta {
  /** YYYY-MM-DD: later ones are greater. */
  readonly revision: string;
  /** As it was written; undefined where nobody wants progress. */
  readonly progressToken: RawJson | undefined;
}

/** What clients and this process have agreed on. */
export class Revision {
  private agreed: string | undefined;
  /** Most requests of a client have the same `_meta` as the one before. */
  private lastMeta = { bytes: Buffer.alloc(0), meta: undefined as Meta | undefined };

  /** Whether there is a client that has sent `initialize`. */
  get isAgreed(): boolean {
    return this.agreed !== undefined;
  }

  /** @param wanted the `protocolVersion` of initialize @returns the one that is spoken from now on */
  agree(wanted: string): string {
    this.agreed = withInitialize.find((revision) => revision === wanted) ?? withInitialize[0];
    return this.agreed;
  }

  /**
   * @param meta `_meta` of the params
   * @throws DlrpcError INVALID_PARAMS where it does not say what its revision wants, UnsupportedVersion
   */
  of(meta: RawJson | undefined): Meta {
    const { lastMeta } = this;
    if (meta !== undefined && lastMeta.meta !== undefined && lastMeta.bytes.equals(meta.bytes)) return lastMeta.meta;
    if (meta !== undefined && (!meta.isObject || meta.bytes.length > LONGEST_META)) {
      throw invalidParams([{ path: "_meta", message: `must be an object of at most ${LONGEST_META} bytes` }]);
    }
    const members = meta === undefined ? new Map<string, Uint8Array>() : textsOf(meta.bytes);
    const version = members.get(VERSION);
    const revision = version === undefined ? this.agreed : requireSpoken(version, members.get(CAPABILITIES));
    if (revision === undefined) throw notSaid();
    const found = { revision, progressToken: tokenOf(members.get("progressToken")) };
    if (meta !== undefined && version !== undefined) this.lastMeta = { bytes: Buffer.from(meta.bytes), meta: found };
    return found;
  }
}

/**
 * What a request says its version is; undefined where it says nothing that can be read.
 * @param meta `_meta` of the params
 */
export function versionIn(meta: RawJson | undefined): unknown {
  if (meta === undefined || !meta.isObject || meta.bytes.length > LONGEST_META) return undefined;
  const version = textsOf(meta.bytes).get(VERSION);
  return version === undefined ? undefined : new RawJson(version).parse();
}

/** @throws DlrpcError */
function requireSpoken(version: Uint8Array, capabilities: Uint8Array | undefined): string {
  const revision = new RawJson(version).parse();
  if (typeof revision !== "string") throw invalidParams([{ path: `_meta.${VERSION}`, message: "must be a string" }]);
  if (revision !== STATELESS) throw new UnsupportedVersion(revision);
  if (capabilities === undefined || !new RawJson(capabilities).isObject) {
    throw invalidParams([{ path: `_meta.${CAPABILITIES}`, message: "must be an object" }]);
  }
  return revision;
}

function notSaid(): DlrpcError {
  const message = `is missing: MCP ${STATELESS} has it in each request, and earlier revisions begin with \`initialize\``;
  return invalidParams([{ path: `_meta.${VERSION}`, message }], {
    hint: "dlrpc's own protocol (plugin/load and others) is spoken by `dlrpc serve`.",
  });
}

/** @throws DlrpcError INVALID_PARAMS unless it is a string or an integer */
function tokenOf(text: Uint8Array | undefined): RawJson | undefined {
  if (text === undefined) return undefined;
  const token = new RawJson(text);
  if (/^("|-?[0-9]+$)/.test(token.toString())) return token.kept();
  throw invalidParams([{ path: "_meta.progressToken", message: "must be a string or an integer" }]);
}
