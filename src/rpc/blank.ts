// Owns what may stand between messages without meaning anything: white space and byte order marks (W3, W5).

/** The bytes of a byte order mark (EF BB BF) can begin neither a header nor a JSON text. */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0xef || byte === 0xbb || byte === 0xbf;
}
