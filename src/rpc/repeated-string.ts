// Owns reading a string that is most often the same as the time before, such as a method's name: then it is not made anew.

/** Longer ones are not kept. */
const LONGEST_KEPT = 128;

export class RepeatedString {
  private bytes: Uint8Array = Buffer.alloc(0);
  private text = "";

  /** The JSON string whose quotes are at `start` and just before `end`. */
  at(bytes: Buffer, start: number, end: number): string {
    if (isAt(bytes, start, end, this.bytes)) return this.text;
    const text = bytes.toString("utf8", start, end);
    const string = text.includes("\\") ? JSON.parse(text) : text.slice(1, -1);
    if (text.length < LONGEST_KEPT) {
      this.bytes = Buffer.from(bytes.subarray(start, end));
      this.text = string;
    }
    return string;
  }
}

/** Whether the bytes from `start` to `end` are just those. */
export function isAt(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  if (end - start !== wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[start + i] !== wanted[i]) return false;
  return true;
}
