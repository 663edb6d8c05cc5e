// Owns judging the text of an object by a schema that says little: which members there must or may be, and of which types.
// Most schemas of tools are so. What fits needs no parsing; what does not is for json-schema.ts, which says why.

import { RawJson } from "../../protocol/raw.ts";
import { Scanner } from "./scanner/scanner.ts";

/** Keywords by which no value is judged. */
const ANNOTATIONS = ["title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment"];
const OF_OBJECT: ReadonlySet<string> = new Set([
  ...ANNOTATIONS,
  ...["$schema", "type", "properties", "required", "additionalProperties"],
]);
const OF_MEMBER: ReadonlySet<string> = new Set([...ANNOTATIONS, "type", "enum"]);

/** What the scanner looks for, as it is written without escapes. */
const NAME = /^[\x20-\x7e]{1,28}$/;
const MOST_NAMES = 15;

const OPEN_BRACE = 0x7b;
/** By the first byte of a value's text. */
const typesByByte: ReadonlyMap<number | undefined, string> = new Map([
  ...[...Buffer.from("-0123456789")].map((byte) => [byte, "number"] as const),
  ...Object.entries({ '"': "string", "{": "object", "[": "array", t: "boolean", f: "boolean", n: "null" }).map(
    ([first, type]) => [first.charCodeAt(0), type] as const,
  ),
]);
const INTEGER = /^-?[0-9]{1,15}$/;
/** Longer texts are not compared. */
const LONGEST_COMPARED = 256;

interface Member {
  readonly isRequired: boolean;
  /** Undefined: all. */
  readonly types: readonly string[] | undefined;
  /** What it may be, none of which is an object or an array; undefined: anything. */
  readonly values: readonly unknown[] | undefined;
}

export class PlainSchema {
  private readonly members: readonly Member[];
  /** Whether there may be no other members. */
  private readonly isClosed: boolean;
  private readonly scanner: Scanner;

  private constructor(members: ReadonlyMap<string, Member>, isClosed: boolean) {
    this.members = [...members.values()];
    this.isClosed = isClosed;
    this.scanner = new Scanner([...members.keys()]);
  }

  /** @returns undefined where the schema says more than can be judged here */
  static of(schema: unknown): PlainSchema | undefined {
    if (!isObject(schema) || !Object.keys(schema).every((keyword) => OF_OBJECT.has(keyword))) return undefined;
    const { type = "object", properties = {}, required = [], additionalProperties = true } = schema;
    if (type !== "object" || !isObject(properties) || !Array.isArray(required)) return undefined;
    if (typeof additionalProperties !== "boolean") return undefined;
    const members = new Map<string, Member>();
    const names: unknown[] = [...new Set([...Object.keys(properties), ...required])];
    if (names.length > MOST_NAMES) return undefined;
    for (const name of names) {
      if (typeof name !== "string" || !NAME.test(name)) return undefined;
      const isKnown = Object.hasOwn(properties, name);
      if (!isKnown && !additionalProperties) return undefined;
      const member = memberOf(isKnown ? properties[name] : true, required.includes(name));
      if (member === undefined) return undefined;
      members.set(name, member);
    }
    return new PlainSchema(members, !additionalProperties);
  }

  /** Whether a value surely is as the schema says. */
  fits({ bytes }: RawJson): boolean {
    const { scanner, members } = this;
    if (bytes[0] !== OPEN_BRACE) return false;
    scanner.scan(bytes, 0, bytes.length);
    if (scanner.hasEscapedNames || (this.isClosed && scanner.hasUnknown)) return false;
    for (let i = 0; i < members.length; i++) {
      const member = members[i] as Member;
      const end = scanner.end(i);
      if (end === 0 ? member.isRequired : !fitsMember(member, bytes, scanner.start(i), end)) return false;
    }
    return true;
  }
}

function memberOf(schema: unknown, isRequired: boolean): Member | undefined {
  if (schema === true) return { isRequired, types: undefined, values: undefined };
  if (!isObject(schema) || !Object.keys(schema).every((keyword) => OF_MEMBER.has(keyword))) return undefined;
  const { type, enum: values } = schema;
  if (values !== undefined && !(Array.isArray(values) && values.every((value) => !isNested(value)))) return undefined;
  const types: unknown = typeof type === "string" ? [type] : type;
  if (types === undefined) return { isRequired, types, values };
  return Array.isArray(types) && types.every((one) => typeof one === "string")
    ? { isRequired, types, values }
    : undefined;
}

function fitsMember({ types, values }: Member, bytes: Uint8Array, start: number, end: number): boolean {
  const type = typesByByte.get(bytes[start]);
  if (type === undefined) return false;
  if (types !== undefined && !types.includes(type)) {
    if (type !== "number" || !types.includes("integer") || end - start > LONGEST_COMPARED) return false;
    if (!INTEGER.test(textOf(bytes, start, end).toString())) return false;
  }
  if (values === undefined) return true;
  if (type === "object" || type === "array" || end - start > LONGEST_COMPARED) return false;
  return values.includes(textOf(bytes, start, end).parse());
}

function textOf(bytes: Uint8Array, start: number, end: number): RawJson {
  return new RawJson(bytes.subarray(start, end));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
