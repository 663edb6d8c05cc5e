// Owns a word as a POSIX shell reads it.

/** In single quotes, within which nothing but such a quote means anything (XCU 2.2.2). */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
