// Owns writing values that may hold raw JSON text (M5).

import { RawJson } from "../../protocol/raw.ts";

/** `JSON.stringify` for plain values in which a RawJson stands for its own text. */
export function encodeJson(value: unknown): string {
  if (value instanceof RawJson) return value.toString();
  if (Array.isArray(value)) return `[${value.map(encodeJson).join(",")}]`;
  if (typeof value === "object" && value !== null && !("toJSON" in value)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${encodeJson(member)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
