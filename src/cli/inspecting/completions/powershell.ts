// Completions for PowerShell 5.1 and later (about_Functions_Argument_Completion; Register-ArgumentCompleter).

import type { Completed, CompletedOption, CompletedVerb } from "./grammar.ts";

export function powershellCompletions(verbs: readonly CompletedVerb[]): string {
  return `# Completes the words of dlrpc in PowerShell. Made by \`dlrpc completions powershell\`.

Register-ArgumentCompleter -Native -CommandName dlrpc -ScriptBlock {
    param($typed, $command, $cursor)

    $verbs = [ordered]@{
${verbs.map(entryOf).join("\n")}
    }

    function New-Result($text, $tip) {
        [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $tip)
    }
    # Words are a list, and everything else goes by its name. Where there is nothing, PowerShell offers files.
    function Complete-By($what, $typed, $prefix) {
        if ($what -is [array]) {
            $what | Where-Object { $_.StartsWith($typed, 'Ordinal') } | ForEach-Object { New-Result "$prefix$_" $_ }
            return
        }
        if ($prefix -ne '') { return }
        if ($what -eq 'plugins') {
            $installed = Join-Path $HOME '.vtcode/plugins'
            Get-ChildItem -LiteralPath $installed -Directory -Name -ErrorAction Ignore |
                Where-Object { $_.StartsWith($typed, 'Ordinal') } |
                ForEach-Object { New-Result $_ 'an installed plugin' }
        }
        if ($what -eq 'plugins' -or $what -eq 'directories') {
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($typed) |
                Where-Object { $_.ResultType -eq 'ProviderContainer' }
        }
    }

    $before = @($command.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { "$_" })
    if ($before -ccontains '--') { return }
    if ($before.Count -le 1 -and -not $typed.StartsWith('--', 'Ordinal')) {
        $verbs.GetEnumerator() | Where-Object { $_.Key.StartsWith($typed, 'Ordinal') } |
            ForEach-Object { New-Result $_.Key $_.Value.Summary }
        return
    }
    # Without a verb it serves.
    $name = if ($before.Count -gt 1 -and -not $before[1].StartsWith('-', 'Ordinal')) { $before[1] } else { 'serve' }
    $verb = $verbs[$name]
    if ($null -eq $verb) { return }
    if ($typed -cmatch '^(--[a-z0-9-]+)=(.*)$') {
        $option, $typed = $Matches[1], $Matches[2]
        if ($verb.Arguments.Contains($option)) { Complete-By $verb.Arguments[$option] $typed "$option=" }
        return
    }
    if ($verb.Arguments.Contains($before[-1])) {
        Complete-By $verb.Arguments[$before[-1]] $typed ''
        return
    }
    if ($typed.StartsWith('-', 'Ordinal')) {
        $verb.Options.GetEnumerator() | Where-Object { $_.Key.StartsWith($typed, 'Ordinal') } |
            ForEach-Object { New-Result $_.Key $_.Value }
        return
    }
    Complete-By $verb.Operands $typed ''
}
`;
}

function entryOf({ name, summary, options, operands }: CompletedVerb): string {
  const words = [...options.map(({ name, help }) => ({ name, help })), { name: "help", help: "show this help" }];
  const taken = options.flatMap(argumentOf);
  return `        ${quoted(name)} = @{
            Summary = ${quoted(summary)}
            Operands = ${completedBy(operands)}
            Options = [ordered]@{
${words.map((option) => `                ${quoted(`--${option.name}`)} = ${quoted(option.help)}`).join("\n")}
            }
            Arguments = @{
${taken.map((value) => `                ${value}`).join("\n")}
            }
        }`;
}

function argumentOf({ name, value }: CompletedOption): string[] {
  return value === undefined ? [] : [`${quoted(`--${name}`)} = ${completedBy(value.completed)}`];
}

function completedBy(completed: Completed): string {
  return completed.kind === "words" ? `@(${completed.words.map(quoted).join(", ")})` : quoted(completed.kind);
}

/** In single quotes nothing but such a quote means anything; typographic ones count as such (about_Quoting_Rules). */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\u2018-\u201b]/g, "$&$&")}'`;
}
