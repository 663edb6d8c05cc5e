// Completions for zsh (zshcompsys(1)): to be sourced, or put as `_dlrpc` where $fpath leads.

import { shellQuoted } from "../../../base/shell-quoted.ts";
import type { Completed, CompletedOption, CompletedVerb } from "./grammar.ts";

export function zshCompletions(verbs: readonly CompletedVerb[]): string {
  return `#compdef dlrpc
# Completes the words of dlrpc in zsh. Made by \`dlrpc completions zsh\`.

# Those that this user has installed, and directories.
_dlrpc_plugins() {
  _alternative 'installed:plugin:_path_files -/ -W ~/.vtcode/plugins' 'directories:directory:_files -/'
}

_dlrpc() {
  local -a verbs=(
${verbs.map(({ name, summary }) => `    ${shellQuoted(`${name}:${summary}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe -t verbs verb verbs
    return
  fi
  local verb=$words[2]
  if [[ $verb == -* ]]; then
    verb=serve
  else
    shift words
    (( CURRENT-- ))
  fi
  case $verb in
${verbs.map(verbCase).join("\n")}
  esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _dlrpc "$@"
else
  compdef _dlrpc dlrpc
fi
`;
}

function verbCase({ name, options, operands }: CompletedVerb): string {
  const specs = [...options.map(optionSpec), "--help[show this help]", `*:operand:${action(operands)}`];
  return `    ${name})\n      _arguments -S \\\n${specs.map((spec) => `        ${shellQuoted(spec)}`).join(" \\\n")}\n      ;;`;
}

/** \`*\`: some may be repeated, and of the others the last counts. */
function optionSpec({ name, help, value }: CompletedOption): string {
  const what = `[${help.replaceAll(/[[\]\\:]/g, "\\$&")}]`;
  if (value === undefined) return `--${name}${what}`;
  return `*--${name}=${what}:${value.name.replaceAll(":", "\\:")}:${action(value.completed)}`;
}

const actions = { files: "_files", directories: "_files -/", plugins: "_dlrpc_plugins", nothing: " " };

function action(completed: Completed): string {
  return completed.kind === "words" ? `(${completed.words.join(" ")})` : actions[completed.kind];
}
