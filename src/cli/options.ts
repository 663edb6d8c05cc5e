// Reading a command line: the options of a verb and their values.

import { parseArgs } from "node:util";
import { nearest } from "../base/nearest.ts";
import type { Options, Verb } from "./verb.ts";

/** A command line that cannot be understood; the message says what was found and what is meant. */
export class UsageError extends Error {}

/** What was asked for was understood and cannot be done; the message says why, and what to do. */
export class CommandError extends Error {}

export interface ParsedOptions {
  readonly positionals: readonly string[];
  has(name: string): boolean;
  /** The last value given, or undefined. */
  value(name: string): string | undefined;
  all(name: string): string[];
  /** @throws UsageError unless it is a whole number from `least` to `most`, by default what a timer takes */
  number(name: string, least: number, most?: number): number | undefined;
  /** @throws UsageError unless it is one of `choices` */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined;
}

/** @throws UsageError naming the nearest option where one is unknown; for an operand where the verb takes none */
export function parseOptions(verb: Verb, args: readonly string[]): ParsedOptions {
  const known: Options = { ...verb.options, help: { help: "show this help" } };
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(known).map(([name, { value }]) => [name, { type: value === undefined ? "boolean" : "string" }]),
    ),
    allowPositionals: true,
    strict: false, // its own errors name no near miss
    tokens: true,
  });
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (option === undefined) throw unknownOption(token.rawName, Object.keys(known));
    if (option.value === undefined && token.value !== undefined) {
      throw new UsageError(`${token.rawName} takes no value`);
    }
    if (option.value !== undefined && lacksValue(token)) {
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${option.value}`);
    }
    given.set(token.name, [...(given.get(token.name) ?? []), token.value ?? ""]);
  }
  const [stray] = positionals;
  if (stray !== undefined && /^(\[options\]$|--)/.test(verb.operands)) {
    throw new UsageError(`\`${stray}\` is not understood; ${verb.name} takes options only`);
  }
  const value = (name: string) => given.get(name)?.at(-1);
  return {
    positionals,
    has: (name) => given.has(name),
    value,
    all: (name) => given.get(name) ?? [],
    number(name, least, most = 0x7fffffff) {
      const text = value(name);
      if (text === undefined) return undefined;
      const number = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
      if (number >= least && number <= most) return number;
      throw new UsageError(`--${name} is \`${text}\`, a whole number from ${least} to ${most} is needed`);
    },
    choice(name, choices) {
      const text = value(name);
      const found = choices.find((choice) => choice === text);
      if (text === undefined || found !== undefined) return found;
      throw new UsageError(`--${name} is \`${text}\`, one of ${choices.join(", ")} is needed`);
    },
  };
}

/** The operand of a verb that takes one. @throws UsageError beginning with what it `needs`, or ending with what it `does` */
export function onlyOperand({ positionals: [operand, stray] }: ParsedOptions, needs: string, does: string): string {
  if (operand === undefined || operand === "") throw new UsageError(needs);
  if (stray !== undefined) throw new UsageError(`\`${stray}\` is one too many; ${does}`);
  return operand;
}

/**
 * The options as they were given, as words of a command line.
 * @param known those that count
 * @param change what becomes of a value, of the kind that help shows
 */
export function wordsOf(
  options: ParsedOptions,
  known: Options,
  change: (kind: string, value: string) => string = (_, value) => value,
): string[] {
  return Object.entries(known).flatMap(([name, { value: kind }]) => {
    if (kind === undefined) return options.has(name) ? [`--${name}`] : [];
    return options.all(name).map((value) => `--${name}=${change(kind, value)}`);
  });
}

/** Whether the value was forgotten: nothing follows, or another option does, or what a shell put there was empty. */
function lacksValue({ value = "", inlineValue }: { value?: string | undefined; inlineValue?: boolean | undefined }) {
  return value === "" || (inlineValue !== true && value.startsWith("--"));
}

function unknownOption(rawName: string, known: readonly string[]): UsageError {
  const guess = nearest(rawName.replace(/^-+/, ""), known);
  const meant = guess === undefined ? "see --help" : `did you mean --${guess}?`;
  return new UsageError(`there is no option ${rawName}; ${meant}`);
}
