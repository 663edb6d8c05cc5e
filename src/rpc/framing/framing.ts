// The choice between the two framings (W3).

import { type FrameEvents, type FrameReader, ReaderBase } from "./frame-reader.ts";
import { HeaderReader, isBlank } from "./header-reader.ts";
import { LineReader } from "./line-reader.ts";

export const framings = ["auto", "headers", "lines"] as const;
export type Framing = (typeof framings)[number];

/** A reader that finds out by the first byte which framing the session has, unless it is told. */
export class DetectingReader extends ReaderBase implements FrameReader {
  private chosen: FrameReader | undefined;
  private usesLines = false;

  constructor(framing: Framing, maxMessageBytes: number, events: FrameEvents) {
    super(maxMessageBytes, events);
    if (framing !== "auto") this.choose(framing === "lines");
  }

  /** Which framing replies use; headers as long as nothing has arrived. */
  get framing(): "headers" | "lines" {
    return this.usesLines ? "lines" : "headers";
  }

  push(chunk: Buffer): void {
    if (this.chosen !== undefined) return this.chosen.push(chunk);
    const at = chunk.findIndex((byte) => !isBlank(byte));
    if (at < 0) return;
    const first = chunk[at];
    this.choose(first === 0x7b || first === 0x5b).push(chunk.subarray(at));
  }

  get isInMessage(): boolean {
    return this.chosen?.isInMessage ?? false;
  }

  room(): Buffer | undefined {
    return this.chosen?.room();
  }

  filled(bytes: number): void {
    this.chosen?.filled(bytes);
  }

  end(): void {
    this.chosen?.end();
  }

  private choose(usesLines: boolean): FrameReader {
    this.usesLines = usesLines;
    const Reader = usesLines ? LineReader : HeaderReader;
    this.chosen = new Reader(this.maxMessageBytes, this.events);
    return this.chosen;
  }
}
