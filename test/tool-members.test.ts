// What plugin.json says of a plugin as a tool: what is taken, and what is warned of.

import { expect, test } from "vitest";
import { Host } from "./support/host.ts";
import { PluginDirectory } from "./support/plugin-directory.ts";

/** The warning about these members; undefined where there is none. The plugin is valid all the same. */
async function warningOf(manifest: object): Promise<string | undefined> {
  using directory = new PluginDirectory();
  const path = directory.add("made-up", { manifest });
  await using host = new Host({ trust: [directory.path] });
  const { valid, problems } = await host.result("plugin/validate", { path });
  expect([valid, problems.length < 2]).toEqual([true, true]);
  const [problem] = problems;
  if (problem !== undefined) expect(problem).toMatchObject({ code: "TOOL_NOT_UNDERSTOOD", severity: "warning" });
  return problem?.message;
}

const object = (members: object) => ({ type: "object", ...members });

const good: Record<string, object> = {
  "all of it": {
    title: "A title",
    icons: [{ src: "data:image/png;base64,AA==", mimeType: "image/png", sizes: ["48x48"], theme: "dark" }],
    annotations: { readOnlyHint: false },
    input_schema: object({ properties: { n: { type: ["integer", "null"], minimum: 1, default: 3 } }, required: ["n"] }),
    output_schema: object({
      $defs: { node: object({ properties: { next: { $ref: "#/$defs/node" } } }) },
      anyOf: [true],
    }),
  },
  "nulls, which are as if they were not there": { title: null, icons: null, input_schema: null },
  "draft 7": { input_schema: object({ $schema: "http://json-schema.org/draft-07/schema#", definitions: {} }) },
  "an anchor": { input_schema: object({ properties: { a: { $anchor: "a" }, b: { $ref: "#a" } } }) },
  "names as JavaScript's own": { input_schema: object({ properties: { constructor: {}, toString: {} } }) },
};
test.each(Object.entries(good))("A10, A11: taken are %s", async (_, manifest) => {
  expect(await warningOf(manifest)).toBeUndefined();
});

const deep = (depth: number): object => (depth === 0 ? {} : { not: deep(depth - 1) });

const bad: [what: object, message: RegExp][] = [
  [{ title: 5 }, /^title: /],
  [{ icons: {} }, /^icons: /],
  [{ icons: [{ src: "icon.png" }] }, /^icons\.0\.src: must be an https: or data: URI/],
  [{ icons: [{ src: "javascript:alert(1)" }] }, /^icons\.0\.src: /],
  [{ annotations: { readOnlyHint: "no" } }, /^annotations\.readOnlyHint: /],
  [{ input_schema: [] }, /^input_schema: must be a JSON Schema that says "type": "object"/],
  [{ input_schema: true }, /^input_schema: must be/],
  [{ input_schema: { properties: {} } }, /^input_schema: must be/],
  [{ output_schema: { type: "array" } }, /^output_schema: must be/],
  [{ input_schema: object({ properties: [] }) }, /^input_schema\.properties: must be an object of schemas/],
  [{ input_schema: object({ properties: { a: true } }) }, /^input_schema\.properties\.a: must be an object here/],
  [{ input_schema: object({ properties: { a: { type: "int" } } }) }, /^input_schema\.properties\.a\.type: must name/],
  [{ input_schema: object({ required: "a" }) }, /^input_schema\.required: must be an array of strings/],
  [{ input_schema: object({ allOf: [] }) }, /^input_schema\.allOf: must be an array of schemas/],
  [{ input_schema: object({ properties: { a: { enum: [] } } }) }, /^input_schema\.properties\.a\.enum: /],
  [{ input_schema: object({ properties: { a: { pattern: "(" } } }) }, /a\.pattern: must be a regular expression/],
  [{ input_schema: object({ patternProperties: { "(": {} } }) }, /\(: must be a regular expression/],
  [{ input_schema: object({ properties: { a: { minLength: -1 } } }) }, /a\.minLength: must be a whole number/],
  [{ input_schema: object({ properties: { a: { nullable: true } } }) }, /a\.nullable: is not taken/],
  [{ input_schema: object({ $id: "https://example.org/a" }) }, /^input_schema\.\$id: is not taken/],
  [{ input_schema: object({ $schema: "https://example.org/mine" }) }, /^input_schema\.\$schema: must be/],
  [{ input_schema: object({ $ref: "https://example.org/a" }) }, /^input_schema\.\$ref: must begin with #/],
  [{ output_schema: object({ $ref: "#/$defs/a" }) }, /^output_schema: `\$ref` "#\/\$defs\/a" leads nowhere/],
  [{ output_schema: object({ not: deep(40) }) }, /nested more than 32 deep/],
  [{ title: {}, icons: 1 }, /^title: .*; icons: /],
];
test.each(bad)("A10, A11: of a wrong form is %j", async (manifest, message) => {
  expect(await warningOf(manifest)).toMatch(message);
});
