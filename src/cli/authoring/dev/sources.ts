// What a plugin is built from, as far as a change of it calls for a build: which files these are, and which have changed.

import { createHash } from "node:crypto";
import { type BigIntStats, type Dirent, fstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { tolerating } from "../../../base/failures.ts";
import { STDERR, STDOUT } from "../../text/terminal.ts";

/** What builds make, and no person writes. */
const builtDirectories = ["build", "dist", "node_modules", "target"];
const builtFiles = /\.(so(\.[0-9]+)*|dylib|dll|o|obj|a|lib|exp|d|pdb|ilk)$/i;
/** What editors leave beside what is saved. */
const backups = /~$/;

/** Of larger files the contents are not read. */
const LARGEST = 4 << 20;

/** A file as it was when it was looked at. */
interface Seen {
  /** Inode, size and time: where they are the same, so is what it holds. */
  readonly stat: string;
  /** Of what it holds, or `stat`. */
  readonly mark: string;
}

export class Sources {
  private readonly directory: string;
  private readonly others: readonly string[];
  /** What dlrpc itself says may go to a file among them, which each round would change. */
  private readonly own = [STDOUT, STDERR].map((descriptor) => identityOf(fstatSync(descriptor, { bigint: true })));
  private seen: ReadonlyMap<string, Seen> = new Map();

  /** @param others files that count, too, wherever they are */
  constructor(directory: string, others: readonly string[]) {
    this.directory = directory;
    this.others = others;
  }

  /** The directories with sources, as they are now. */
  directories(): string[] {
    return directoriesIn(this.directory);
  }

  /** Looks at all files. @returns the paths of those that hold something else than at the last look, came or went */
  look(): string[] {
    const now = new Map<string, Seen>();
    const files = this.directories().flatMap((directory) =>
      entriesOf(directory).flatMap((entry) => (isSource(entry) ? [join(directory, entry.name)] : [])),
    );
    for (const path of new Set([...files, ...this.others])) {
      const seen = see(path, this.seen.get(path));
      if (seen !== undefined && !this.own.some((identity) => seen.stat.startsWith(identity))) now.set(path, seen);
    }
    const changed = [...now.keys()].filter((path) => now.get(path)?.mark !== this.seen.get(path)?.mark);
    const gone = [...this.seen.keys()].filter((path) => !now.has(path));
    this.seen = now;
    return [...changed, ...gone].sort();
  }
}

function directoriesIn(directory: string): string[] {
  const below = entriesOf(directory).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith(".") && !builtDirectories.includes(entry.name),
  );
  return [directory, ...below.flatMap(({ name }) => directoriesIn(join(directory, name)))];
}

function isSource(entry: Dirent): boolean {
  const { name } = entry;
  return !entry.isDirectory() && !name.startsWith(".") && !builtFiles.test(name) && !backups.test(name);
}

/** What cannot be looked at is no source: it has gone, may not be read, or is a link that leads nowhere. */
const UNSEEN = ["ENOENT", "EACCES", "ELOOP"];

function entriesOf(directory: string): Dirent[] {
  return tolerating(UNSEEN, () => readdirSync(directory, { withFileTypes: true })) ?? [];
}

/** Which file it is. */
function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}:`;
}

/** @returns undefined for what is no file, or none any more */
function see(path: string, before: Seen | undefined): Seen | undefined {
  const found = tolerating(UNSEEN, () => statSync(path, { throwIfNoEntry: false, bigint: true }));
  if (!found?.isFile()) return undefined;
  const stat = `${identityOf(found)}${found.size}:${found.mtimeNs}`;
  if (stat === before?.stat) return before;
  return { stat, mark: found.size > LARGEST ? stat : (tolerating(UNSEEN, () => hashOf(path)) ?? stat) };
}

/** A file that is saved without a change, or that each build writes anew, is the same. */
function hashOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
