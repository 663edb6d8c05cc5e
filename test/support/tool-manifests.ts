// What plugin.json can say of a plugin as a tool: what is in order, and what is not, with the beginning of the warning.

const object = (members: object) => ({ type: "object", ...members });

export const good: Record<string, object> = {
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
const deep = (depth: number): object => (depth === 0 ? {} : { not: deep(depth - 1) });

export const bad: [what: object, message: RegExp][] = [
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
