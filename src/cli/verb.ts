// What a verb of the command line is, as help, completions and the parser of its options know it.

export interface Option {
  /** What follows it, as help shows it; absent for a flag. */
  readonly value?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

export interface Verb {
  readonly name: string;
  /** What follows the verb, as usage shows it. */
  readonly operands: string;
  /** What shells complete its operands by, where that is not files; those that are listed in `operands` are known. */
  readonly completed?: "directories" | "plugins";
  /** What it does, to be read after its name. */
  readonly summary: string;
  /** Exit statuses and what they mean, where there is more to tell than 0 and 2. */
  readonly statuses?: Readonly<Record<number, string>>;
  readonly options: Options;
  /** What else is to be known, in sentences. */
  readonly more?: string;
}
