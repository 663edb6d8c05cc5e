// Which names of files a package may have, on any file system; and how many files, directories and bytes.

import { strangeness } from "#platform/files/canonical-path";
import { CommandError } from "../../options.ts";
import { oneLine } from "../../text/terminal.ts";

/** Far more than plugins have, and far less than fills a disk. */
const MOST_ENTRIES = 10_000;
const MOST_BYTES = 2 * 1024 ** 3;
const MOST_DEPTH = 16;
const MOST_PART_BYTES = 255; // NAME_MAX of Linux
const SHOWN_CHARACTERS = 100;

/** Controls, and what has no glyph, or turns the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** What editors, version control and desktops leave behind begins with it (as in `dlrpc pack`). */
const HIDDEN = ".";

type Kind = "file" | "directory";

export class PackageNames {
  private readonly source: string;
  /** By the name as file systems have it that know no case: the name as it was given, and what it is. */
  private readonly known = new Map<string, { name: string; kind: Kind }>();
  private entries = 0;
  private bytes = 0;

  /** @param source what is unpacked, for messages */
  constructor(source: string) {
    this.source = source;
  }

  /**
   * Takes a name as the package has it, with `/` between its parts.
   * @returns the name without empty parts and `.`; undefined for what is left out, as it is hidden, or the root itself
   * @throws CommandError for one that must not be, and for one too many
   */
  admit(given: string, kind: Kind): string | undefined {
    this.entries++;
    if (this.entries > MOST_ENTRIES) {
      throw this.refusal(`has more than ${MOST_ENTRIES} files and directories; more are not installed`);
    }
    const parts = given.split("/").filter((part) => part !== "" && part !== ".");
    const wrong = wrongWith(given, parts);
    if (wrong !== undefined) throw this.refusal(`holds \`${shown(given)}\`, ${wrong}`);
    if (parts.length === 0 || parts.some((part) => part.startsWith(HIDDEN))) return undefined;
    for (let i = 1; i < parts.length; i++) this.note(parts.slice(0, i).join("/"), "directory");
    const name = parts.join("/");
    this.note(name, kind);
    return name;
  }

  /** To be called for all that is unpacked, as it comes. @throws CommandError where that is too much */
  take(bytes: number): void {
    this.expect(bytes);
    this.bytes += bytes;
  }

  /** To be called with what is said to come. @throws CommandError where that is too much */
  expect(bytes: number): void {
    if (this.bytes + bytes <= MOST_BYTES) return;
    throw this.refusal(`unpacks to more than ${MOST_BYTES / 1024 ** 3} GiB; more is not installed`);
  }

  /** @param what it is, which is not installed */
  unfit(name: string, what: string): CommandError {
    return this.refusal(`holds \`${shown(name)}\`, ${what}; only files and directories are installed`);
  }

  /** @param what ends a sentence that begins with the source */
  refusal(what: string): CommandError {
    return new CommandError(`${oneLine(this.source)} ${what}`);
  }

  private note(name: string, kind: Kind): void {
    const key = name.normalize("NFC").toLowerCase();
    const before = this.known.get(key);
    if (before === undefined) {
      this.known.set(key, { name, kind });
      return;
    }
    if (before.name !== name) {
      throw this.refusal(
        `holds both \`${shown(before.name)}\` and \`${shown(name)}\`, which some file systems take for one; rename one`,
      );
    }
    if (kind === "directory" && before.kind === "directory") return;
    throw this.refusal(`holds \`${shown(name)}\` twice; pack it again`);
  }
}

/** Any name, to be shown in a message. */
export function shown(name: string): string {
  const characters = [...oneLine(name)];
  return characters.length > SHOWN_CHARACTERS
    ? `${characters.slice(0, SHOWN_CHARACTERS).join("")}…`
    : characters.join("");
}

/** @returns what is wrong with a name, as the end of a sentence */
function wrongWith(given: string, parts: readonly string[]): string | undefined {
  if (given.startsWith("/")) return "an absolute path; names in a package are relative to it";
  if (parts.includes("..")) return "which leads out of the package";
  if (given.includes("\\")) return "a name with a \\, which some systems take for a /";
  if (UNPRINTABLE.test(given)) return "a name with control characters";
  if (given.includes("\ufffd") || !given.isWellFormed()) return "a name that is not UTF-8";
  if (parts.length > MOST_DEPTH) return `which is more than ${MOST_DEPTH} levels deep`;
  if (parts.some((part) => Buffer.byteLength(part) > MOST_PART_BYTES))
    return `a name of more than ${MOST_PART_BYTES} bytes`;
  const strange = strangeness(`./${given}`); // so that no drive is seen in it
  return strange && `which cannot be made on this system: ${strange}`;
}
