// Owns what is built into the program of protocol/conformance: the transcripts, the rules, the sources of the plugins.

import { inflateRawSync } from "node:zlib";
import packed from "../../dist/conformance.txt";
import { readRecipes, readRules, readTranscripts } from "./format.ts";

const RULES = "rules.json";
const RECIPES = "plugins.json";

/** File name → its content, as pack.ts has put it there. */
const files: Readonly<Record<string, unknown>> = JSON.parse(inflateRawSync(Buffer.from(packed, "base64")).toString());

export const rules = readRules(RULES, files[RULES]);
export const recipes = readRecipes(RECIPES, files[RECIPES]);

/** The C sources and the header that they include, by file name. */
export const sources = Object.entries(files).flatMap(([name, content]) =>
  typeof content === "string" ? [{ name, text: content }] : [],
);

export const transcriptFiles = Object.entries(files)
  .filter(([name]) => name.endsWith(".json") && name !== RULES && name !== RECIPES)
  .map(([name, content]) => readTranscripts(name, content));
