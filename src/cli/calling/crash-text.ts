// What is said of a crash to people, behind the error itself: where it was, and how to run it again.

import { constants, fstatSync, openSync } from "node:fs";
import { type BacktraceFrame, describeFrame } from "../../../protocol/backtrace.ts";
import type { DlrpcError } from "../../../protocol/errors.ts";
import { closing } from "../../base/closing.ts";
import { type SourceLine, sourceLinesAt } from "../../plugins/formats/dwarf/source-lines.ts";
import { ElfOnDisk } from "../../plugins/formats/elf/elf-on-disk.ts";
import { InspectionError } from "../../plugins/formats/reader.ts";

/** A line for each place that a crash came by (E21), and one for its receipt (R1); or nothing. */
export function crashText({ details: { backtrace, receipt } }: DlrpcError): string {
  const frames = Array.isArray(backtrace) ? (backtrace as readonly BacktraceFrame[]) : [];
  const lines = sourceLinesOf(frames);
  const places = frames.map((frame, i) => `\n  at ${describeFrame(frame)}${describeLine(lines[i])}`).join("");
  return typeof receipt === "string" ? `${places}\n  To run it again: dlrpc replay ${receipt}` : places;
}

function describeLine(found: SourceLine | undefined): string {
  return found === undefined ? "" : `, ${found.file}:${found.line}`;
}

/** For each frame the line of the source, where its library was built with that. */
function sourceLinesOf(frames: readonly BacktraceFrame[]): (SourceLine | undefined)[] {
  const lines: (SourceLine | undefined)[] = frames.map(() => undefined);
  for (const library of new Set(frames.map((frame) => frame.library))) {
    if (library === null || !library.startsWith("/")) continue;
    const here = frames.flatMap(
      ({ offset, library: its }, i) => (its === library ? [{ i, address: i === 0 ? offset : offset - 1 }] : []), // behind a call
    );
    const found = linesIn(
      library,
      here.map(({ address }) => address),
    );
    for (const { i, address } of here) lines[i] = found?.get(address);
  }
  return lines;
}

/** @returns undefined where the file cannot be read, or is no such file: then there are no lines to be shown */
function linesIn(library: string, addresses: readonly number[]): Map<number, SourceLine> | undefined {
  let file: number;
  try {
    file = openSync(library, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  using _ = closing(file);
  try {
    if (!fstatSync(file).isFile()) return undefined;
    return sourceLinesAt(new ElfOnDisk(file), addresses);
  } catch (error) {
    if (error instanceof InspectionError) return undefined;
    throw error;
  }
}
