// What there is to complete: the words of the command line, from the same source as its help.

import type { Verb } from "../../verb.ts";
import { verbs } from "../../verbs.ts";

/** What a word is completed by. */
export type Completed =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "files" | "directories" | "plugins" | "nothing" };

export interface CompletedOption {
  readonly name: string;
  readonly help: string;
  /** What follows it; undefined for a flag. */
  readonly value?: { readonly name: string; readonly completed: Completed };
}

export interface CompletedVerb {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  readonly operands: Completed;
}

const WORDS = /^[a-z0-9-]+(\|[a-z0-9-]+)+$/;

export function grammar(): CompletedVerb[] {
  const help = {
    name: "help",
    summary: "says what a verb takes",
    options: [],
    operands: { kind: "words", words: verbs.map(({ name }) => name) },
  } as const;
  return [...verbs.map(verbOf), help];
}

function verbOf({ name, summary, options, operands, completed = undefined }: Verb): CompletedVerb {
  const [first = ""] = operands.split(" ");
  const words = wordsOf(first);
  return {
    name,
    summary,
    options: Object.entries(options).map(([option, { value, help }]) => {
      return {
        name: option,
        help,
        ...(value !== undefined && { value: { name: value, completed: completedBy(value) } }),
      };
    }),
    operands: words ?? { kind: completed ?? (first === "[options]" ? "nothing" : "files") },
  };
}

/** By how help shows it: `DIR`, `KEYFILE`, `none|standard|strict`. */
function completedBy(value: string): Completed {
  const words = wordsOf(value);
  if (words !== undefined) return words;
  if (value === "DIR") return { kind: "directories" };
  return { kind: /^(KEY)?FILE\b|^PATH$/.test(value) ? "files" : "nothing" };
}

function wordsOf(text: string): Completed | undefined {
  return WORDS.test(text) ? { kind: "words", words: text.split("|") } : undefined;
}
