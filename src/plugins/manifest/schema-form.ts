// Whether a JSON Schema has a form that clients of MCP take (A11). The official ones compile the schemas of all tools
// together, and one that they cannot compile loses the whole list: what is doubtful is better left out.

import type { RawJson } from "../../../protocol/raw.ts";
import { draftOf, JsonSchema } from "../../json/json-schema.ts";
import type { Issue } from "../../json/schema.ts";

const MOST_DEPTH = 32;
const MOST_SUBSCHEMAS = 4096;
const MOST_ISSUES = 8;

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isStrings = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === "string");
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumber = (value: unknown) => typeof value === "number";
const isBoolean = (value: unknown) => typeof value === "boolean";
const isText = (value: unknown) => typeof value === "string";
const types: ReadonlySet<unknown> = new Set(["array", "boolean", "integer", "null", "number", "object", "string"]);
const isType = (value: unknown) =>
  types.has(value) || (Array.isArray(value) && value.length > 0 && value.every((item) => types.has(item)));

/** What the values of keywords must be; in words, and as a check. */
const values: Readonly<Record<string, readonly [needed: string, isRight: (value: unknown) => boolean]>> = {
  type: ["must name one of the seven types, or some", isType],
  enum: ["must be an array that is not empty", (value) => Array.isArray(value) && value.length > 0],
  required: ["must be an array of strings", isStrings],
  pattern: ["must be a regular expression", (value) => isText(value) && isPattern(value as string)],
  format: ["must be a string", isText],
  $ref: ["must be a string", isText],
  $anchor: ["must be a string", isText],
  multipleOf: ["must be a number greater than 0", (value) => isNumber(value) && (value as number) > 0],
  ...each(["maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"], ["must be a number", isNumber]),
  ...each(
    ["maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties", "maxContains", "minContains"],
    ["must be a whole number, at least 0", isCount],
  ),
  ...each(["uniqueItems", "deprecated", "readOnly", "writeOnly"], ["must be a boolean", isBoolean]),
  ...each(["title", "description", "$comment"], ["must be a string", isText]),
  dependentRequired: [
    "must be an object of arrays of strings",
    (value) => isObject(value) && Object.values(value).every(isStrings),
  ],
};

/** Keywords that hold a schema, a list of schemas, or schemas by name. */
const one = new Set([
  "additionalProperties",
  "propertyNames",
  "contains",
  "not",
  "if",
  "then",
  "else",
  "unevaluatedItems",
  "unevaluatedProperties",
  "additionalItems",
  "items",
]);
const list = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const map = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);

/** A name of its own makes schemas of several tools clash; the others, some clients cannot compile. */
const refused = ["$id", "id", "$dynamicRef", "$recursiveRef", "nullable", "dependencies", "discriminator"];

/**
 * What is wrong with the schema of a tool; nothing where it can be published.
 * @param text any well-formed JSON
 */
export function schemaIssues(text: RawJson): Issue[] {
  const schema = text.parse();
  if (!isObject(schema) || schema.type !== "object") {
    return [{ path: "", message: 'must be a JSON Schema that says "type": "object" itself' }];
  }
  const walk = new Walk();
  walk.schema(schema, "", 0);
  const properties = isObject(schema.properties) ? Object.entries(schema.properties) : [];
  for (const [name, property] of properties)
    if (!isObject(property)) walk.issue(`properties.${name}`, "must be an object here, as clients want it");
  if (walk.issues.length > 0) return walk.issues;
  return danglingReferences(text).map((ref) => ({
    path: "",
    message: `\`$ref\` ${JSON.stringify(ref)} leads nowhere`,
  }));
}

function danglingReferences(text: RawJson): string[] {
  try {
    return new JsonSchema(text).danglingReferences().slice(0, MOST_ISSUES);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return [error.message]; // an anchor given twice
  }
}

class Walk {
  readonly issues: Issue[] = [];
  private count = 0;

  issue(path: string, message: string): void {
    if (this.issues.length < MOST_ISSUES) this.issues.push({ path, message });
  }

  schema(schema: unknown, path: string, depth: number): void {
    if (typeof schema === "boolean" && depth > 0) return;
    if (!isObject(schema)) return this.issue(path, "must be a schema: an object or a boolean");
    if (depth > MOST_DEPTH) return this.issue(path, `is nested more than ${MOST_DEPTH} deep`);
    if (++this.count > MOST_SUBSCHEMAS) {
      if (this.count === MOST_SUBSCHEMAS + 1) this.issue(path, `is one too many: at most ${MOST_SUBSCHEMAS} schemas`);
      return;
    }
    this.dialect(schema, path, depth);
    for (const [keyword, value] of Object.entries(schema)) this.keyword(keyword, value, join(path, keyword), depth);
  }

  private dialect({ $schema }: Members, path: string, depth: number): void {
    if ($schema === undefined) return;
    if (depth > 0) this.issue(join(path, "$schema"), "may stand at the top only");
    else if (typeof $schema !== "string" || draftOf($schema) === undefined)
      this.issue(join(path, "$schema"), "must be JSON Schema 2020-12, 2019-09 or draft 7, or be left out");
  }

  private keyword(keyword: string, value: unknown, path: string, depth: number): void {
    if (refused.includes(keyword)) return this.issue(path, "is not taken: not all clients understand it");
    const known = Object.hasOwn(values, keyword) ? values[keyword] : undefined;
    if (known !== undefined && !known[1](value)) return this.issue(path, known[0]);
    if (keyword === "$ref" && !(value as string).startsWith("#"))
      return this.issue(path, "must begin with #: nothing is fetched");
    if (one.has(keyword)) this.schema(value, path, depth + 1);
    if (list.has(keyword)) this.list(value, path, depth);
    if (map.has(keyword)) this.map(keyword, value, path, depth);
  }

  private list(value: unknown, path: string, depth: number): void {
    if (!Array.isArray(value) || value.length === 0) return this.issue(path, "must be an array of schemas");
    for (const [i, item] of value.entries()) this.schema(item, join(path, String(i)), depth + 1);
  }

  private map(keyword: string, value: unknown, path: string, depth: number): void {
    if (!isObject(value)) return this.issue(path, "must be an object of schemas");
    for (const [name, item] of Object.entries(value)) {
      if (keyword === "patternProperties" && !isPattern(name))
        this.issue(join(path, name), "must be a regular expression");
      this.schema(item, join(path, name), depth + 1);
    }
  }
}

function each<T>(keywords: readonly string[], value: T): Record<string, T> {
  return Object.fromEntries(keywords.map((keyword) => [keyword, value]));
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, "u"); // as validators read them
    return true;
  } catch {
    return false;
  }
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
