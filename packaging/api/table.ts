// Owns the form of tables and of code in docs/api.md.

/** @param cells Markdown */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Code within a cell. */
export function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}
