// Owns the part of docs/api.md on the methods: what they take and give, by the contract's document for machines.

import { type JsonSchema, type MethodObject, openRpcDocument } from "../../protocol/openrpc.ts";
import { code, table } from "./table.ts";

export function contractSections(): string[] {
  const { methods, "x-notifications": notifications, components } = openRpcDocument();
  const schemas = Object.entries(components.schemas);
  return [
    "## The methods",
    ...methods.map(methodSection),
    "## What dlrpc says unasked",
    ...notifications.map(methodSection),
    "## What they are made of",
    ...schemas.map(([name, schema]) => `### ${name}\n\n${schemaText(schema)}`),
  ];
}

function methodSection({ name, summary, description, params, result, errors = [] }: MethodObject): string {
  const taken = params.map(({ name, required, schema }) => [
    code(required ? name : `${name}?`),
    typeOf(schema),
    descriptionOf(schema),
  ]);
  const kinds = errors.map(({ $ref }) => $ref.split("/").at(-1) ?? "");
  return [
    `### ${name}`,
    `${summary}.${description === undefined ? "" : ` ${description}`}`,
    ...(taken.length === 0 ? [] : [table(["param", "type", ""], taken)]),
    ...(result === undefined ? [] : [`**Result.** ${schemaText(result.schema)}`]),
    ...(kinds.length === 0 ? [] : [`**Errors.** ${kinds.map(code).join(", ")}.`]),
  ].join("\n\n");
}

function schemaText(schema: JsonSchema): string {
  const members = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const required = (schema.required ?? []) as string[];
  if (members.length === 0) return [descriptionOf(schema), `Type: ${typeOf(schema)}.`].filter(Boolean).join(" ");
  const rows = members.map(([name, member]) => {
    return [code(required.includes(name) ? name : `${name}?`), typeOf(member), descriptionOf(member)];
  });
  return [descriptionOf(schema), table(["member", "type", ""], rows)].filter(Boolean).join("\n\n");
}

function descriptionOf({ description = "" }: JsonSchema): string {
  return String(description).replaceAll("|", "\\|");
}

/** In words, with links to what has a section of its own. */
function typeOf({ $ref, allOf, anyOf, const: constant, enum: values, type, items }: JsonSchema): string {
  const first = Array.isArray(allOf) ? (allOf as JsonSchema[])[0] : undefined;
  if (first !== undefined) return typeOf(first);
  if (Array.isArray(anyOf)) return (anyOf as JsonSchema[]).map(typeOf).join(" or ");
  if (typeof $ref === "string") return linkTo($ref.split("/").at(-1) ?? "");
  if (Array.isArray(values)) return values.map((value) => code(JSON.stringify(value))).join(", ");
  if (constant !== undefined) return code(JSON.stringify(constant));
  if (type === "array") return items === undefined ? "array" : `array of ${typeOf(items as JsonSchema)}`;
  return String(type ?? "any");
}

const linkTo = (name: string) => `[${name}](#${name.toLowerCase()})`;
