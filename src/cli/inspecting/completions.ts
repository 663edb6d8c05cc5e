// `dlrpc completions`.

import { parseOptions, UsageError } from "../options.ts";
import { print } from "../text/output.ts";
import { bashCompletions } from "./completions/bash.ts";
import { fishCompletions } from "./completions/fish.ts";
import { grammar } from "./completions/grammar.ts";
import { powershellCompletions } from "./completions/powershell.ts";
import { zshCompletions } from "./completions/zsh.ts";
import { completionsVerb, shells } from "./verbs.ts";

const writers = {
  bash: bashCompletions,
  zsh: zshCompletions,
  fish: fishCompletions,
  powershell: powershellCompletions,
};

/** @returns the exit status @throws UsageError */
export async function runCompletions(args: readonly string[]): Promise<number> {
  const [name, stray] = parseOptions(completionsVerb, args).positionals;
  const shell = shells.find((one) => one === name);
  if (shell === undefined) {
    throw new UsageError(
      `completions needs a shell${name === undefined ? "" : `, not \`${name}\``}: one of ${shells.join(", ")}`,
    );
  }
  if (stray !== undefined) throw new UsageError(`\`${stray}\` is one too many; completions is for one shell`);
  print(writers[shell](grammar()));
  return 0;
}
