// Owns reading a text that whoever wrote it may have cut, at a length in bytes.

import { StringDecoder } from "node:string_decoder";

/** @param longest where it was cut, if it was: then it may end inside a character, which is left out */
export function cutText(bytes: Buffer, longest: number): string {
  return bytes.length < longest ? bytes.toString() : new StringDecoder("utf8").write(bytes);
}
