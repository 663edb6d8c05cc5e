// Owns turning what a plugin returned into the result of tools/call (G6): its output goes through as it was written, as
// structuredContent and as text.

import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { DlrpcError } from "../../protocol/errors.ts";
import { RawJson } from "../../protocol/raw.ts";
import { textsOf } from "../json/members.ts";
import { absolute } from "../rpc/absolute.ts";
import { inWords } from "./failure.ts";
import { beginningIn, quoted, textBlock } from "./responses.ts";

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
const T = 0x74;

/** Who gets a result, and how long it may be. */
export interface Destination {
  readonly tool: string;
  readonly revision: string;
  /** The request's id, as it was written. */
  readonly id: string;
  /** What relative paths are relative to. */
  readonly workspaceRoot: string | null;
}

/** The members of a result document. */
export interface Returned {
  readonly isSuccess: boolean;
  readonly output: RawJson;
  readonly error: string | null;
  readonly files: readonly string[];
}

/** @param document a result that was checked (A4) */
export function readResult(document: RawJson): Returned {
  const texts = textsOf(document.bytes);
  const text = (name: string) => new RawJson(texts.get(name) as Uint8Array);
  return {
    isSuccess: text("success").bytes[0] === T,
    output: text("output"),
    error: text("error").parse() as string | null,
    files: text("files").parse() as string[],
  };
}

/** The result of a call that the plugin says went well. */
export function succeeded({ output, files }: Returned, to: Destination): RawJson {
  const text = Buffer.concat([Buffer.from('{"type":"text","text":'), quoted(output.bytes), Buffer.from("}")]);
  const links = files.map((file) => linkTo(file, to));
  const room = LONGEST_LINE - ENVELOPE - to.id.length;
  if (to.revision < STRUCTURED) return fitting([compose(to, [new RawJson(text), ...links])], room, to);
  const twice = compose(to, [new RawJson(text), ...links], output);
  if (twice.bytes.length <= room) return twice;
  const note = `The result is ${output.bytes.length} bytes long: it is in structuredContent only.`;
  return fitting([compose(to, [textBlock(note), ...links], output)], room, to);
}

/** The result of a call that the plugin says did not go well: in its own words, and with its output where there is one. */
export function failed({ output, error, files }: Returned, to: Destination): RawJson {
  const words = textBlock(error ?? `The tool ${to.tool} did not succeed, and does not say why.`);
  const details = EMPTY_OBJECT.test(output.toString()) ? [] : [RawJson.from({ type: "text", text: output.toString() })];
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
  return compose(to, [textBlock(inWords(to.tool, error))], undefined, true);
}

/** The first that fits. */
function fitting(results: readonly RawJson[], room: number, to: Destination): RawJson {
  const found = results.find(({ bytes }) => bytes.length <= room);
  if (found !== undefined) return found;
  const length = Math.min(...results.map(({ bytes }) => bytes.length));
  const message = `Its result takes ${length} bytes, and clients of MCP take ${room} at most`;
  return notDone(new DlrpcError("INVALID_RESULT", message), to);
}

function compose({ revision }: Destination, blocks: readonly RawJson[], output?: RawJson, isError = false): RawJson {
  const pieces: Uint8Array[] = [Buffer.from(`${beginningIn(revision)}"content":[`)];
  for (const [i, { bytes }] of blocks.entries()) pieces.push(...(i === 0 ? [bytes] : [COMMA, bytes]));
  pieces.push(Buffer.from("]"));
  if (output !== undefined) pieces.push(Buffer.from(',"structuredContent":'), output.bytes);
  pieces.push(Buffer.from(isError ? ',"isError":true}' : "}"));
  return new RawJson(Buffer.concat(pieces));
}

const COMMA = Buffer.from(",");

function linkTo(file: string, { revision, workspaceRoot }: Destination): RawJson {
  const path = absolute(file.toWellFormed(), workspaceRoot ?? "");
  const { href } = pathToFileURL(path);
  if (revision < STRUCTURED) return textBlock(href);
  return RawJson.from({ type: "resource_link", uri: href, name: basename(path) || path });
}
