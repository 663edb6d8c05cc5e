// The members that `error.data` can hold beside `kind` (SPEC section 5), for the contract's documents: the program does not need them.

import * as z from "zod/mini";
import { about } from "./documentation.ts";

const text = () => z.optional(z.string());
const number = () => z.optional(z.number());
const texts = () => z.optional(z.array(z.string()));

const Issue = z.object({
  path: about("Where: members and indices, joined by dots; empty for the whole.", z.string()),
  message: about("What was needed.", z.string()),
});

const Frame = z.object({
  library: about(
    "The file of the code; null where it is in none, and `dlrpc` where it is dlrpc's own.",
    z.nullable(z.string()),
  ),
  offset: about("Where in it, as its symbols and addr2line count; where there is none, the address.", z.number()),
  function: about("The function, as the library's symbols call it.", text()),
  functionOffset: about("How far behind its beginning.", number()),
});

const endReasons = ["crash", "memory", "temporary-files", "sibling-timeout", "sibling-cancelled"] as const;

const exhaustible = ["handles", "descriptors", "processes", "memory"] as const;
const temporaryMeasures = ["entries", "mebibytes", "levels"] as const;

const loadReasons = [
  ...(["not-found", "not-readable", "undefined-symbol", "version-not-found"] as const),
  ...(["static-tls", "other-platform", "not-a-library", "search-path"] as const),
];
/** Why a library did not load (P9). */
export type LoadReason = (typeof loadReasons)[number];

/** Each member with its meaning. */
export const errorMembers = {
  hint: about("What the reader can do about it, in words that may change.", text()),
  grant: about(
    "What `sandbox` of plugin/load would have to hold for it to work.",
    z.optional(z.object({ read: about("Directories to be read.", z.array(z.string())) })),
  ),
  handle: about("The handle that it is about.", text()),
  plugin: about("The name of the plugin that it is about.", text()),
  path: about("The directory or file that it is about.", text()),
  address: about(
    "What a crash could not reach, or where the instruction was (E20): 0x and hexadecimal digits.",
    text(),
  ),
  actual: about("What was found.", z.optional(z.union([z.number(), z.string()]))),
  backtrace: about("Where it crashed, and what had called that (E21).", z.optional(z.array(Frame))),
  callsServed: about("How many calls the process had answered.", number()),
  excerpt: about("The beginning of what the plugin returned.", text()),
  exception: about("On Windows: the name of the exception that the process's status is (E22).", text()),
  exitCode: about(
    "The status that the process ended with; null where a signal ended it.",
    z.optional(z.nullable(z.int())),
  ),
  expected: about("What was needed.", z.optional(z.union([z.number(), z.string()]))),
  integrity: about("The hash of the bytes that were loaded.", text()),
  issues: about("Every mistake.", z.optional(z.array(Issue))),
  library: about("The library file.", text()),
  limit: about("How many bytes are taken at most; of `resource`, how many there may be.", number()),
  memoryMb: about("How much memory the plugin may use, in MiB.", number()),
  needed: about("The library that the plugin's own needs.", text()),
  operation: about("What the process was doing.", z.optional(z.enum(["load", "execute"]))),
  problem: about("What was wrong, in words.", text()),
  reason: about(
    "Why the process ended (E9, S5, S8), or why the library did not load (P9).",
    z.optional(z.enum([...endReasons, ...loadReasons])),
  ),
  receipt: about("The file in which the call was kept, for dlrpc replay (R1).", text()),
  resource: about(
    "What there is no more of, or what the plugin's TMPDIR had too much of (S8).",
    z.optional(z.enum([...exhaustible, ...temporaryMeasures])),
  ),
  searched: about("The directories that were searched.", texts()),
  sideEffectsUnknown: about("The call may have had effects before it ended.", z.optional(z.literal(true))),
  signal: about("The signal that ended the process; null where none did.", z.optional(z.nullable(z.string()))),
  size: about("How many bytes it had; absent where that was not said beforehand.", number()),
  stderrTail: about(
    "What the process wrote to stderr last, at most 4 KiB; of more its beginning and end, and between them how much was left out (E5).",
    text(),
  ),
  stdoutTail: about("The same of its stdout.", text()),
  supported: about("The protocol versions that are supported.", z.optional(z.array(z.int()))),
  symbol: about("The function or variable that is missing; the first of `symbols` where there are some.", text()),
  symbols: about("The functions that the library lacks, all of them.", texts()),
  timeoutMs: about("The deadline.", number()),
  tried: about("The file names that were looked for, in order.", texts()),
  uptimeMs: about("How long the process had been ready.", number()),
  usedMb: about("How much memory the plugin used, in MiB.", number()),
};

/** The name of a member of an error's `data`. */
export type ErrorMember = keyof typeof errorMembers;

/** What every error may come with. */
export const commonMembers: readonly ErrorMember[] = ["hint", "handle", "plugin", "path"];
