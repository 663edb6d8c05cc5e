// The contract's document as it stands in the repository, and its schemas as functions that check values.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import type { ContentDescriptor, JsonSchema, MethodObject, OpenRpcDocument } from "../../protocol/openrpc.ts";
import { projectRoot } from "../support/paths.ts";

export const documentText = readFileSync(join(projectRoot, "protocol", "openrpc.json"), "utf8");
export const document: OpenRpcDocument = JSON.parse(documentText);

/** What a host asks for; the others in `methods` are notifications. */
export const requests = document.methods.filter(({ result }) => result !== undefined);

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
ajv.addVocabulary(["components"]); // where the schemas of the document refer to

/** The check of a schema of the document. */
function compile(schema: JsonSchema): ValidateFunction {
  return ajv.compile({ ...schema, components: document.components });
}

/** What is wrong with a value by a schema of the document; empty where it fits. */
export function mistakes(check: ValidateFunction, value: unknown): string[] {
  if (check(value)) return [];
  return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
}

export function paramsCheck({ params, "x-unknown-params": unknown }: MethodObject): ValidateFunction {
  return compile({
    type: "object",
    properties: Object.fromEntries(params.map(({ name, schema }) => [name, schema])),
    required: params.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: unknown === "ignored",
  });
}

export function resultCheck({ result }: MethodObject): ValidateFunction {
  return compile((result as ContentDescriptor).schema);
}

export function componentCheck(name: string): ValidateFunction {
  return compile({ $ref: `#/components/schemas/${name}` });
}
