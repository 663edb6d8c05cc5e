// JSON that can be looked into without losing how it was written: numbers, order, members given twice.

import { scanArray, scanDocument, scanObject, skipValue } from "../../json/scan.ts";
import type { JsonTypeName, Pattern } from "../transcript/pattern.ts";

/** By the first character of the text. */
const types: Readonly<Record<string, Exclude<JsonTypeName, "integer">>> = {
  "{": "object",
  "[": "array",
  '"': "string",
  t: "boolean",
  f: "boolean",
  n: "null",
};

export class JsonValue {
  private readonly bytes: Uint8Array;
  private readonly start: number;
  private readonly end: number;

  private constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  /** @throws JsonSyntaxError */
  static read(bytes: Uint8Array): JsonValue {
    const { start, end } = scanDocument(bytes);
    return new JsonValue(bytes, start, end);
  }

  /** As it was written. */
  get text(): string {
    return Buffer.from(this.bytes.subarray(this.start, this.end)).toString("utf8");
  }

  /** As it was written, but for the white space between tokens, which means nothing. */
  get compactText(): string {
    return withoutSpace(this.text);
  }

  /** As JavaScript sees it. */
  get value(): Pattern {
    return JSON.parse(this.text);
  }

  get type(): Exclude<JsonTypeName, "integer"> {
    return types[String.fromCharCode(this.bytes[this.start] as number)] ?? "number";
  }

  /** The members of an object in their order, with those that are given twice. */
  get members(): [name: string, value: JsonValue][] {
    const members: [string, JsonValue][] = [];
    scanObject(this.bytes, this.start, (name, at) => {
      const end = skipValue(this.bytes, at);
      members.push([name, new JsonValue(this.bytes, at, end)]);
      return end;
    });
    return members;
  }

  /** The member of an object, of those of one name the last; undefined where there is none, or this is no object. */
  member(name: string): JsonValue | undefined {
    return this.type === "object" ? this.members.findLast(([each]) => each === name)?.[1] : undefined;
  }

  /** The elements of an array. */
  get elements(): JsonValue[] {
    const elements: JsonValue[] = [];
    scanArray(this.bytes, this.start, (at) => {
      const end = skipValue(this.bytes, at);
      elements.push(new JsonValue(this.bytes, at, end));
      return end;
    });
    return elements;
  }
}

/** JSON text without the white space between its tokens. */
export function withoutSpace(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g, (_, string: string | undefined) => string ?? "");
}
