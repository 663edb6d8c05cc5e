// Completions for bash (bash(1), "Programmable Completion"): without the package bash-completion.

import type { Completed, CompletedOption, CompletedVerb } from "./grammar.ts";

export function bashCompletions(verbs: readonly CompletedVerb[]): string {
  const names = [...verbs.map(({ name }) => name), "--help", "--version"];
  const values = verbs.flatMap(({ name, options }) => options.flatMap((option) => valueCase(name, option)));
  return `# Completes the words of dlrpc in bash. Made by \`dlrpc completions bash\`.

_dlrpc_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word"); }

_dlrpc_paths() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$word")
}

# Those that this user has installed, and directories.
_dlrpc_plugins() {
  _dlrpc_paths -d
  local installed
  mapfile -t installed < <(cd "$HOME/.vtcode/plugins" 2>/dev/null && compgen -d -- "$word")
  COMPREPLY+=("\${installed[@]}")
}

_dlrpc() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} verb=\${COMP_WORDS[1]} i
  COMPREPLY=()
  # bash takes --option=value apart
  if [[ $word == "=" ]]; then word=
  elif [[ $before == "=" ]]; then before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 2; i < COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} == -- ]]; then _dlrpc_paths -f; return; fi
  done
  if ((COMP_CWORD == 1)) && [[ $word != --?* ]]; then _dlrpc_words '${names.join(" ")}'; return; fi
  if [[ $verb == -* ]]; then verb=serve; fi
  case "$verb $before" in
${values.join("\n")}
  esac
  if [[ $word == -* ]]; then
    case $verb in
${verbs.map(optionsCase).join("\n")}
    esac
    return
  fi
  case $verb in
${verbs.flatMap(operandsCase).join("\n")}
  esac
}

complete -F _dlrpc dlrpc
`;
}

function valueCase(verb: string, { name, value }: CompletedOption): string[] {
  return value === undefined ? [] : [`    '${verb} --${name}') ${action(value.completed)}; return ;;`];
}

function optionsCase({ name, options }: CompletedVerb): string {
  return `      ${name}) _dlrpc_words '${[...options.map((option) => `--${option.name}`), "--help"].join(" ")}' ;;`;
}

function operandsCase({ name, operands }: CompletedVerb): string[] {
  return operands.kind === "nothing" ? [] : [`    ${name}) ${action(operands)} ;;`];
}

const actions = { files: "_dlrpc_paths -f", directories: "_dlrpc_paths -d", plugins: "_dlrpc_plugins", nothing: ":" };

function action(completed: Completed): string {
  return completed.kind === "words" ? `_dlrpc_words '${completed.words.join(" ")}'` : actions[completed.kind];
}
