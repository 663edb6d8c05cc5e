// Owns finding the members of a JSON object without parsing their values (M5).

import { scanObject, skipValue } from "./scan.ts";

/**
 * The text of each member; of one that is given twice the last.
 * @param object the text of an object, without white space before it
 */
export function textsOf(object: Uint8Array): Map<string, Uint8Array> {
  const texts = new Map<string, Uint8Array>();
  scanObject(object, 0, (name, at) => {
    const end = skipValue(object, at);
    texts.set(name, object.subarray(at, end));
    return end;
  });
  return texts;
}
