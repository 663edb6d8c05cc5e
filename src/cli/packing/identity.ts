// What a package is called: what the command line says, else what its one plugin says of itself.

import { type ParsedOptions, UsageError } from "../options.ts";
import type { BundledPlugin } from "./plugins.ts";

export interface Identity {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** undefined where nobody says. */
  readonly author: string | undefined;
}

/** @throws UsageError naming the option that is missing */
export function identityOf(options: ParsedOptions, plugins: readonly BundledPlugin[]): Identity {
  const [only, ...others] = plugins;
  const said = others.length === 0 ? only : undefined;
  const required = (member: "name" | "version" | "description"): string => {
    const value = options.value(member) ?? said?.[member];
    if (value !== undefined) return value;
    throw new UsageError(`several plugins make a package of another ${member}: give it with --${member}`);
  };
  return {
    name: required("name"),
    version: required("version"),
    description: required("description"),
    author: options.value("author") ?? said?.author ?? undefined,
  };
}
