// How schemas are described: openrpc.ts makes the contract's document of it, and the program its hints.

import * as z from "zod/mini";
import type { RawJson } from "./raw.ts";

interface Documentation {
  description: string;
  /** The name under which the document shows a schema once for all that use it. */
  id?: string;
}

/** What is said of each schema. */
export const documentation = z.registry<Documentation>();

/** The schemas that the document shows by themselves. */
export const namedSchemas = new Map<string, z.ZodMiniType>();

/** What raw JSON text holds, by the schema that stands for the text. */
export const rawForms = new WeakMap<z.core.$ZodType, z.core.$ZodType>();

/** Describes a schema where it is used, as a member of another. */
export function about<T extends z.ZodMiniType>(description: string, schema: T): T {
  documentation.add(schema, { description });
  return schema;
}

/** Describes a schema that the document shows by itself. */
export function named<T extends z.ZodMiniType>(id: string, description: string, schema: T): T {
  documentation.add(schema, { id, description });
  namedSchemas.set(id, schema);
  return schema;
}

/** JSON text that dlrpc passes on as it was written (M5), and what it holds. */
export function raw(form: z.core.$ZodType): z.ZodMiniCustom<RawJson, RawJson> {
  const schema = z.custom<RawJson>();
  rawForms.set(schema, form);
  return schema;
}
