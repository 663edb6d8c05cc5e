// Makes openrpc.json from the schemas, the table of methods, the registry of errors and the examples.
// `npm run openrpc` writes it; a test fails where that was forgotten.

import { writeFileSync } from "node:fs";
import * as z from "zod/mini";
import { documentation, namedSchemas, rawForms } from "./documentation.ts";
import { ErrorData } from "./error-data.ts";
import { errorKinds } from "./error-kinds.ts";
import { type Example, type ExampleOf, examples } from "./examples.ts";
import { CONTRACT_VERSION } from "./fast-path.ts";
import { InitializeParams } from "./messages.ts";
import {
  commonErrors,
  hostNotifications,
  type MethodEntry,
  methods,
  type NotificationEntry,
  notifications,
} from "./methods.ts";

/** A JSON Schema, draft 7, as OpenRPC has them. */
export type JsonSchema = Record<string, unknown>;

/** OpenRPC's Content Descriptor: a param, or a result. */
export interface ContentDescriptor {
  name: string;
  required?: boolean;
  schema: JsonSchema;
}

/** OpenRPC's Method Object. */
export interface MethodObject {
  name: string;
  summary: string;
  description?: string;
  paramStructure: "by-name";
  /** What becomes of a member of params that is not listed (M4). */
  "x-unknown-params"?: "refused" | "ignored";
  params: ContentDescriptor[];
  result?: ContentDescriptor;
  errors?: { $ref: string }[];
  examples?: { name: string; params: { name: string; value: unknown }[]; result?: { name: string; value: unknown } }[];
}

/** The contract as a document of OpenRPC's. */
export interface OpenRpcDocument {
  openrpc: string;
  info: { title: string; version: string; description: string; license: { name: string } };
  methods: MethodObject[];
  /** What dlrpc sends: OpenRPC has no place of its own for it. */
  "x-notifications": MethodObject[];
  components: {
    schemas: Record<string, JsonSchema>;
    errors: Record<string, { code: number; message: string; data: object }>;
  };
}

const description = `dlrpc runs native plugins with VT Code's C ABI. A host starts it and speaks JSON-RPC 2.0 with it, over \
its stdin and stdout, framed as in LSP or line by line. SPEC.md beside this document holds the rules that the numbers \
(W3, E5) stand for. \`params\` are always given by name. \`error.data\` is an ErrorData; every request can also fail with \
INVALID_REQUEST, DUPLICATE_ID and METHOD_NOT_FOUND, and a message with PARSE_ERROR, BAD_FRAME and MESSAGE_TOO_LARGE.`;

/** Makes it of the tables of methods, errors and examples. */
export function openRpcDocument(): OpenRpcDocument {
  const asked = Object.entries({ ...methods, ...hostNotifications } as Record<string, MethodEntry | NotificationEntry>);
  const told = Object.entries(notifications as Record<string, NotificationEntry>);
  const schemas = new Schemas([...asked, ...told].flatMap(([, entry]) => schemasOf(entry)));
  return {
    openrpc: "1.3.2",
    info: { title: "dlrpc", version: CONTRACT_VERSION, description, license: { name: "MIT" } },
    methods: asked.map(([name, entry]) => ({
      ...methodObject(name, entry, schemas),
      examples: examples[name as ExampleOf].map(examplePairing),
    })),
    "x-notifications": told.map(([name, entry]) => methodObject(name, entry, schemas)),
    components: { schemas: schemas.components(), errors: errorComponents() },
  };
}

/** The document as it stands in the repository. */
export function openRpcText(): string {
  return `${JSON.stringify(openRpcDocument(), null, 2)}\n`;
}

function schemasOf(entry: MethodEntry | NotificationEntry): z.ZodMiniType[] {
  return "result" in entry ? [entry.params, entry.result] : [entry.params];
}

function methodObject(name: string, entry: MethodEntry | NotificationEntry, schemas: Schemas): MethodObject {
  return {
    name,
    summary: entry.summary,
    ...(entry.description !== undefined && { description: entry.description }),
    paramStructure: "by-name",
    ...("result" in entry && {
      "x-unknown-params": entry.params === (InitializeParams as z.ZodMiniObject) ? "ignored" : "refused",
    }),
    params: contentDescriptors(schemas.json(entry.params)),
    ...("result" in entry && {
      result: { name: "result", required: true, schema: schemas.use(entry.result) },
      errors: [...commonErrors, ...entry.errors].map((kind) => ({ $ref: `#/components/errors/${kind}` })),
    }),
  };
}

function contentDescriptors({ properties = {}, required = [] }: JsonSchema): ContentDescriptor[] {
  return Object.entries(properties as Record<string, JsonSchema>).map(([name, schema]) => ({
    name,
    required: (required as string[]).includes(name),
    schema,
  }));
}

function examplePairing({ name, params, result }: Example) {
  return {
    name,
    params: Object.entries(params).map(([name, value]) => ({ name, value })),
    ...(result !== undefined && { result: { name: "result", value: result } }),
  };
}

function errorComponents(): OpenRpcDocument["components"]["errors"] {
  return Object.fromEntries(
    Object.entries(errorKinds).map(([kind, entry]) => [
      kind,
      {
        code: entry.code,
        message: entry.when,
        data: { kind, ...("hint" in entry && { hint: entry.hint }) },
      },
    ]),
  );
}

/** The JSON Schemas of all schemas, those with a name as references to components. */
class Schemas {
  private readonly ids = new Map<z.core.$ZodType, string>();
  private readonly converted: Record<string, JsonSchema>;

  constructor(schemas: readonly z.ZodMiniType[]) {
    const registry = z.registry<{ id: string }>();
    const all = new Set<z.core.$ZodType>([...namedSchemas.values(), ...schemas]);
    for (const schema of all) {
      const id = documentation.get(schema as z.ZodMiniType)?.id ?? `unnamed ${this.ids.size}`;
      this.ids.set(schema, id);
      registry.add(schema, { id });
    }
    this.converted = z.toJSONSchema(registry, { ...options, uri: reference }).schemas as Record<string, JsonSchema>;
  }

  /** The schema itself. */
  json(schema: z.core.$ZodType): JsonSchema {
    const { $schema, $id, ...json } = this.converted[this.ids.get(schema) ?? ""] as JsonSchema;
    return json;
  }

  /** The schema where it is used. */
  use(schema: z.ZodMiniType): JsonSchema {
    const id = documentation.get(schema)?.id;
    return id === undefined ? this.json(schema) : { $ref: reference(id) };
  }

  components(): Record<string, JsonSchema> {
    const names = [...namedSchemas.keys()].sort();
    return Object.fromEntries(names.map((name) => [name, this.component(name)]));
  }

  private component(name: string): JsonSchema {
    const schema = namedSchemas.get(name) as z.ZodMiniType;
    const json = this.json(schema);
    return schema === (ErrorData as z.ZodMiniType) ? withKinds(json) : json;
  }
}

const options = {
  target: "draft-7",
  io: "input", // what may be sent, and of what is got: members that a host does not know are to be ignored
  metadata: documentation,
  unrepresentable: ({ zodSchema }) => rawForm(zodSchema),
  override: ({ jsonSchema }) => tidy(jsonSchema),
} satisfies z.core.ToJSONSchemaParams;

function reference(id: string): string {
  return `#/components/schemas/${id}`;
}

/** Raw JSON text is shown as what it holds. */
function rawForm(schema: z.core.$ZodType): JsonSchema {
  const form = rawForms.get(schema);
  if (form === undefined) throw new Error("a custom schema is in use that does not say what it holds");
  const id = documentation.get(form as z.ZodMiniType)?.id;
  if (id !== undefined) return { $ref: reference(id) };
  const { $schema, ...json } = z.toJSONSchema(form, options);
  return json;
}

/** Leaves out what says nothing, and puts first what it is about. */
function tidy(json: JsonSchema): void {
  delete json.propertyNames; // they are strings
  delete json.readOnly; // it is TypeScript that must not write
  for (const member of ["additionalProperties", "properties"]) {
    const value = json[member];
    if (typeof value === "object" && value !== null && Object.keys(value).length === 0) delete json[member];
  }
  const { description, ...rest } = json;
  if (description === undefined) return;
  for (const member of Object.keys(json)) delete json[member];
  Object.assign(json, { description }, rest);
}

/** Adds to the members of `error.data` with which errors they come. */
function withKinds(json: JsonSchema): JsonSchema {
  const properties = Object.entries(json.properties as Record<string, JsonSchema>).map(([name, schema]) => {
    const having = Object.entries(errorKinds).filter(([, { data }]) => data.some((member) => member === name));
    const kinds = having.map(([kind]) => kind);
    if (kinds.length === 0) return [name, schema]; // all may have it
    return [name, { ...schema, description: `${schema.description} With ${kinds.join(", ")}.` }];
  });
  return { ...json, properties: Object.fromEntries(properties) };
}

if (import.meta.main) writeFileSync(new URL("openrpc.json", import.meta.url), openRpcText());
