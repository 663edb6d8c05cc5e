// Completions for fish (complete(1) of fish).

import type { Completed, CompletedOption, CompletedVerb } from "./grammar.ts";

export function fishCompletions(verbs: readonly CompletedVerb[]): string {
  return `# Completes the words of dlrpc in fish. Made by \`dlrpc completions fish\`.

function __dlrpc_verb_is
    set -l words (commandline -opc)
    test "$words[2]" = $argv[1]
end

function __dlrpc_lacks_verb
    test (count (commandline -opc)) -eq 1
end

# Those that this user has installed, and directories.
function __dlrpc_plugins
    for directory in ~/.vtcode/plugins/*/
        string replace -r '.*/([^/]+)/$' '$1' $directory
    end
    __fish_complete_directories
end

complete -c dlrpc -f
complete -c dlrpc -n __dlrpc_lacks_verb -s h -l help -d 'show what there is'
complete -c dlrpc -n __dlrpc_lacks_verb -s V -l version -d 'print the version'
${verbs.map(({ name, summary }) => `complete -c dlrpc -n __dlrpc_lacks_verb -a ${name} -d ${quoted(summary)}`).join("\n")}
${verbs.flatMap(linesOf).join("\n")}
`;
}

function linesOf({ name, options, operands }: CompletedVerb): string[] {
  const line = `complete -c dlrpc -n '__dlrpc_verb_is ${name}'`;
  return [
    ...options.map((option) => `${line} ${optionOf(option)}`),
    ...(operands.kind === "nothing" ? [] : [`${line} ${by(operands)}`]),
  ];
}

function optionOf({ name, help, value }: CompletedOption): string {
  const following = value === undefined ? "" : ` -r ${by(value.completed)}`;
  return `-l ${name}${following} -d ${quoted(help)}`;
}

const ways = {
  files: "-F",
  directories: "-f -a '(__fish_complete_directories)'",
  plugins: "-f -a '(__dlrpc_plugins)'",
  nothing: "-f",
};

function by(completed: Completed): string {
  return completed.kind === "words" ? `-f -a ${quoted(completed.words.join(" "))}` : ways[completed.kind];
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
