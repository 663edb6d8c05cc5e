// Owns reading the number that an option of a test program says: what is none must not pass for "nothing found".

/** @throws Error where it is no whole number */
export function numberOption(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`--${name} is \`${text}\`; a whole number is needed`);
  return Number(text);
}
