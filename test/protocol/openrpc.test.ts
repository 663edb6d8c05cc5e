// openrpc.json is up to date, is OpenRPC, and is what the program says of itself.

import jsonSchema from "@json-schema-tools/meta-schema/schema.json" with { type: "json" };
import * as openRpc from "@open-rpc/meta-schema";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { openRpcText } from "../../protocol/openrpc.ts";
import { Host } from "../support/host.ts";
import { document, documentText, mistakes, requests } from "./document.ts";

/** The package declares types only. */
const { openrpcDocument: metaSchema } = openRpc as unknown as { openrpcDocument: object };

test("openrpc.json is what `npm run openrpc` would write", () => {
  expect(documentText).toBe(openRpcText());
});

test("openrpc.json is a valid OpenRPC document", () => {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(local(jsonSchema, "json-schema.json"));
  expect(mistakes(ajv.compile(local(metaSchema, "openrpc.json")), document)).toEqual([]);
});

/** A meta-schema under a short name: they refer to each other by addresses that are written in more than one way. */
function local(schema: object, id: string): object {
  const text = JSON.stringify(schema).replaceAll(/https:\/\/meta\.json-schema\.tools\/?/g, "json-schema.json");
  const { $schema, ...rest } = JSON.parse(text);
  return { ...rest, $id: id };
}

test("every reference in openrpc.json leads somewhere", () => {
  const references = [...documentText.matchAll(/"\$ref": "#\/([^"]+)"/g)].map(([, path = ""]) => path.split("/"));
  expect(references.length).toBeGreaterThan(50);
  for (const path of references) {
    // biome-ignore lint/suspicious/noExplicitAny: any JSON
    const target = path.reduce((at: any, step) => at?.[step], document);
    expect([path, target]).not.toEqual([path, undefined]);
  }
});

test("rpc.discover gives openrpc.json", async () => {
  await using host = new Host();
  expect(await host.result("rpc.discover", {})).toEqual(document);
});

test("the methods of the document are those of the program", async () => {
  await using host = new Host();
  const { methods } = await host.result("initialize");
  expect(methods.toSorted()).toEqual(requests.map(({ name }) => name).toSorted());
});

test("everything in the document says what it is", () => {
  for (const { name, summary } of [...document.methods, ...document["x-notifications"]]) {
    expect([name, summary]).toEqual([name, expect.stringMatching(/^\w.*\w$/)]);
  }
  const nameless = [...membersOf(document, "")].filter(({ schema }) => schema.description === undefined);
  expect(nameless.map(({ path }) => path)).toEqual([]);
});

/** The schemas of all members of objects, with where they are; what refers to a component is described there. */
function* membersOf(value: unknown, path: string): Generator<{ path: string; schema: Record<string, unknown> }> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    const isMembers = key === "properties" && !path.endsWith("/properties");
    if (isMembers || (key === "schema" && path.includes("/params/"))) {
      const schemas = isMembers ? Object.entries(child as object) : [["", child]];
      for (const [name, schema] of schemas) if (!("$ref" in schema)) yield { path: `${path}/${name}`, schema };
    }
    if (key !== "examples") yield* membersOf(child, `${path}/${key}`);
  }
}
