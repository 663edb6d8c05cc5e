// A .tar.gz as a source.

import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Parser } from "tar/parse";
import type { PackageNames } from "./names.ts";
import { pieces } from "./pieces.ts";
import type { StagedFile, StagedTree } from "./staged-tree.ts";

const EXECUTABLE = 0o100;
const GZIP = Buffer.from([0x1f, 0x8b]);

/** What else tar(5) has, as people call it. */
const OTHERS: Readonly<Record<string, string>> = {
  Link: "a hard link",
  SymbolicLink: "a symbolic link",
  CharacterDevice: "a device",
  BlockDevice: "a device",
  FIFO: "a FIFO",
};

type Options = NonNullable<ConstructorParameters<typeof Parser>[0]>;
type Entry = Parameters<NonNullable<Options["onReadEntry"]>>[0];

/**
 * @param descriptor of the archive
 * @param onBytes is told how many of its bytes were read
 * @throws CommandError for what is damaged, and for what must not be in it
 */
export async function stageTarGz(
  descriptor: number,
  tree: StagedTree,
  names: PackageNames,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const unpacker = new Unpacker(tree, names);
  const archive = async function* () {
    for await (const piece of pieces(descriptor, 0, Number.POSITIVE_INFINITY)) {
      yield piece;
      onBytes(piece.length);
    }
  };
  try {
    await pipeline(archive, createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) unpacker.write(chunk);
    });
    unpacker.end();
  } catch (error) {
    throw isOfZlib(error) ? names.refusal(`is damaged or cut off (${error.message}); fetch it again`) : error;
  }
}

/** Takes a tar archive apart, piece by piece. */
class Unpacker {
  private readonly parser: Parser;
  private readonly tree: StagedTree;
  private readonly names: PackageNames;
  /** What has come, until it can be told whether it is compressed: the parser would unpack that, without any bound. */
  private head: Buffer | undefined = Buffer.alloc(0);
  /** Whether the archive's own end has come. The parser would keep all that follows, and copy it with each piece. */
  private hasEnded = false;

  constructor(tree: StagedTree, names: PackageNames) {
    this.tree = tree;
    this.names = names;
    this.parser = new Parser({ brotli: false, zstd: false });
    this.parser.on("entry", (entry: Entry) => this.entry(entry));
    this.parser.on("ignoredEntry", (entry: Entry) => this.refuse(entry));
    this.parser.on("eof", () => {
      this.hasEnded = true;
    });
    // What the parser would pass over.
    this.parser.on("warn", (_code: string, message: string) => {
      throw names.refusal(`is damaged or cut off (${message}); fetch it again`);
    });
  }

  write(chunk: Buffer): void {
    this.names.take(chunk.length);
    if (this.head === undefined) {
      if (!this.hasEnded) this.parser.write(chunk);
      return;
    }
    this.head = Buffer.concat([this.head, chunk]);
    if (this.head.length >= GZIP.length) this.begin(this.head);
  }

  end(): void {
    if (this.head !== undefined) this.begin(this.head);
    this.parser.end();
  }

  private begin(head: Buffer): void {
    if (head.subarray(0, GZIP.length).equals(GZIP)) throw this.names.refusal("is compressed twice; pack it again");
    this.head = undefined;
    this.parser.write(head);
  }

  private entry(entry: Entry): void {
    const { type, path, mode = 0, size } = entry;
    this.names.expect(size);
    if (type === "Directory") {
      this.tree.directory(path);
      entry.resume();
      return;
    }
    if (type !== "File" && type !== "OldFile" && type !== "ContiguousFile") return this.refuse(entry);
    const file = this.tree.file(path, (mode & EXECUTABLE) !== 0);
    if (file === undefined) entry.resume();
    else receive(entry, file);
  }

  private refuse({ type, path }: Entry): void {
    throw this.names.unfit(path, OTHERS[type] ?? "of a kind that is not known");
  }
}

function receive(entry: Entry, file: StagedFile): void {
  entry.on("data", (chunk: Buffer) => file.write(chunk));
  entry.on("end", () => {
    file.finish();
    file[Symbol.dispose]();
  });
}

function isOfZlib(error: unknown): error is Error {
  return error instanceof Error && "code" in error && /^(Z_|ERR_STREAM_PREMATURE)/.test(String(error.code));
}
