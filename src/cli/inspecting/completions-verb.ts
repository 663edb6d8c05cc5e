import type { Verb } from "../verb.ts";

export const shells = ["bash", "zsh", "fish", "powershell"] as const;

export const completionsVerb = {
  name: "completions",
  operands: shells.join("|"),
  summary: "prints what completes the words of dlrpc in a shell",
  options: {},
  more: "For bash and zsh put `source <(dlrpc completions bash)` into ~/.bashrc, or the same with zsh into ~/.zshrc behind compinit; for fish write it to ~/.config/fish/completions/dlrpc.fish; for PowerShell put `dlrpc completions powershell | Out-String | Invoke-Expression` into the file that $PROFILE names.",
} as const satisfies Verb;
