// Owns the result of tools/call (G6): a plugin's output goes through as it was written, as structuredContent and as text.

import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { DlrpcError } from "../../../protocol/errors.ts";
import { LARGE_BYTES, RawJson } from "../../../protocol/raw.ts";
import { absolute } from "../../base/absolute-path.ts";
import type { CheckedResult } from "../../calls/result.ts";
import { allocate } from "../../ffi/large-memory.ts";
import { quote } from "../../json/scanner/scanner.ts";
import { beginningIn, textBlock } from "../responses.ts";
import { STATELESS } from "../revision.ts";
import { inWords } from "./failure.ts";

/**
 * Both official SDKs hang up where more than 10 MiB are in their buffer (STDIO_DEFAULT_MAX_BUFFER_SIZE): a line, and what
 * of the next came with its end, of which Node reads 64 KiB at a time.
 */
const LONGEST_LINE = 10 * 1024 * 1024 - 64 * 1024;
/** What stands around a result. */
const ENVELOPE = 64;

/** Since when there is structuredContent, and resource_link. */
const STRUCTURED = "2025-06-18";

const EMPTY_OBJECT = /^\{\s*\}$/;

/** Who gets a result, and how long it may be. */
export interface Destination {
  readonly tool: string;
  readonly revision: string;
  /** The request's id, as it was written. */
  readonly id: string;
  /** What relative paths are relative to. */
  readonly workspaceRoot: string | null;
}

/** The result of a call that the plugin says went well. */
export function succeeded({ output, files }: CheckedResult, to: Destination): RawJson {
  const text: Block = [TEXT, output, TEXT_END];
  const links = files.map((file) => linkTo(file, to));
  const room = LONGEST_LINE - ENVELOPE - to.id.length;
  if (to.revision < STRUCTURED) return fitting([compose(to, [text, ...links])], room, to);
  const twice = 2 * output.bytes.length > room ? undefined : compose(to, [text, ...links], output);
  if (twice !== undefined && twice.bytes.length <= room) return twice;
  const note = `The result is ${output.bytes.length} bytes long: it is in structuredContent only.`;
  return fitting([compose(to, [[textBlock(note).bytes], ...links], output)], room, to);
}

/** The result of a call that the plugin says did not go well: in its own words, and with its output where there is one. */
export function failed({ output, error, files }: CheckedResult, to: Destination): RawJson {
  const words = [textBlock(error ?? `The tool ${to.tool} did not succeed, and does not say why.`).bytes];
  const details = EMPTY_OBJECT.test(output.toString()) ? [] : [[textBlock(output.toString()).bytes]];
  const links = files.map((file) => linkTo(file, to));
  const room = LONGEST_LINE - ENVELOPE - to.id.length;
  const isError = true;
  return fitting(
    [compose(to, [words, ...details, ...links], undefined, isError), compose(to, [words], undefined, isError)],
    room,
    to,
  );
}

/** The result of a call that dlrpc could not carry out, or ended. */
export function notDone(error: DlrpcError, to: Destination): RawJson {
  return compose(to, [[textBlock(inWords(to.tool, error)).bytes]], undefined, true);
}

/** The first that fits. */
function fitting(results: readonly RawJson[], room: number, to: Destination): RawJson {
  const found = results.find(({ bytes }) => bytes.length <= room);
  if (found !== undefined) return found;
  const length = Math.min(...results.map(({ bytes }) => bytes.length));
  const message = `Its result takes ${length} bytes, and clients of MCP take ${room} at most`;
  return notDone(new DlrpcError("INVALID_RESULT", message), to);
}

/** The pieces of a content block, as they follow each other: bytes, and JSON that becomes the contents of a string. */
type Block = readonly (Uint8Array | RawJson)[];

function compose({ revision }: Destination, blocks: readonly Block[], output?: RawJson, isError = false): RawJson {
  const pieces: (Uint8Array | RawJson)[] = [revision === STATELESS ? BEGINNING_STATELESS : BEGINNING];
  for (let i = 0; i < blocks.length; i++) {
    if (i > 0) pieces.push(COMMA);
    pieces.push(...(blocks[i] as Block));
  }
  if (output === undefined) pieces.push(CONTENT_END);
  else pieces.push(STRUCTURED_CONTENT, output.bytes);
  pieces.push(isError ? IS_ERROR : CLOSE);
  return joined(pieces);
}

function joined(pieces: Block): RawJson {
  let most = 0;
  for (const piece of pieces) most += piece instanceof RawJson ? 2 * piece.bytes.length : piece.length;
  const text = most < LARGE_BYTES ? Buffer.allocUnsafe(most) : allocate(most);
  let at = 0;
  for (const piece of pieces) {
    if (piece instanceof RawJson) {
      at = quote(piece.bytes, text, at);
    } else {
      text.set(piece, at);
      at += piece.length;
    }
  }
  return new RawJson(text.subarray(0, at));
}

const BEGINNING = Buffer.from(`${beginningIn("")}"content":[`);
const BEGINNING_STATELESS = Buffer.from(`${beginningIn(STATELESS)}"content":[`);
const TEXT = Buffer.from('{"type":"text","text":"');
const TEXT_END = Buffer.from('"}');
const COMMA = Buffer.from(",");
const CONTENT_END = Buffer.from("]");
const STRUCTURED_CONTENT = Buffer.from('],"structuredContent":');
const IS_ERROR = Buffer.from(',"isError":true}');
const CLOSE = Buffer.from("}");

function linkTo(file: string, { revision, workspaceRoot }: Destination): Block {
  const path = absolute(file.toWellFormed(), workspaceRoot ?? "");
  const { href } = pathToFileURL(path);
  if (revision < STRUCTURED) return [textBlock(href).bytes];
  return [RawJson.from({ type: "resource_link", uri: href, name: basename(path) || path }).bytes];
}
