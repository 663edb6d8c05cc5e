// What the program has with it of protocol/conformance: the transcripts, the rules, the sources of the plugins.

import { requirePart } from "../../platform/program-parts.ts";
import { readRecipes, readRules, readTranscripts } from "./format.ts";

const RULES = "rules.json";
const RECIPES = "plugins.json";

/** File name → its content, as packaging/suite.ts has put it there. */
const files: Readonly<Record<string, unknown>> = JSON.parse(requirePart("conformance.json").toString());

export const rules = readRules(RULES, files[RULES]);
export const recipes = readRecipes(RECIPES, files[RECIPES]);

/** The C sources and the headers that they include, by file name. */
export const sources = Object.entries(files).flatMap(([name, content]) =>
  typeof content === "string" ? [{ name, text: content }] : [],
);

export const transcriptFiles = Object.entries(files)
  .filter(([name]) => name.endsWith(".json") && name !== RULES && name !== RECIPES)
  .map(([name, content]) => readTranscripts(name, content));
