// Owns a form of the built server whose functions note that they are entered: the same text, with one call at the beginning
// of each.

import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, join } from "node:path";
import { parseAst } from "vitest/node";
import { serverWithMap } from "../../packaging/bundle.ts";
import { program } from "../support/paths.ts";
import { functionsIn, type Node } from "./functions.ts";
import type { Place } from "./place.ts";

export const serverScript = "serve.cjs";

/**
 * @param notes the file that is appended a line to whenever a function is entered: its index in `places`, and the depth
 * @throws Error where dist/serve.cjs was built from other sources
 */
export async function notedServer(notes: string): Promise<{ text: string; places: readonly Place[] }> {
  const { text, map } = await serverWithMap();
  if (readFileSync(join(dirname(program), serverScript), "utf8") !== text)
    throw new Error(`dist/${serverScript} was built from other sources than these: \`npm run build\` builds it anew`);
  const sourceOf = sourcesOf(text, map);
  const places: Place[] = [];
  const inserted = new Map<number, string>();
  for (const { node, name } of functionsIn(parseAst(text) as unknown as Node)) {
    const source = sourceOf(node.start);
    if (source === undefined || !/^(src|protocol)\//.test(source.file)) continue;
    const call = `noteEntry(${places.push({ name, ...source }) - 1})`;
    const body = node.body as Node;
    if (body.type === "BlockStatement") {
      inserted.set(body.start + 1, `${call};`);
    } else {
      inserted.set(body.start, `(${call},`);
      inserted.set(body.end, `)${inserted.get(body.end) ?? ""}`);
    }
  }
  return { text: noteEntry(notes) + withInsertions(text, inserted), places };
}

/** @returns what says where a place in the text comes from */
function sourcesOf(text: string, map: string): (offset: number) => { file: string; line: number } | undefined {
  const sources = new SourceMap(JSON.parse(map));
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    const line = starts.findLastIndex((start) => start <= offset);
    const entry = sources.findEntry(line, offset - (starts[line] ?? 0));
    if (!("originalSource" in entry)) return undefined;
    return { file: entry.originalSource.replace(/^(\.\.\/)*(lazy:)?(\.\/)?/, ""), line: entry.originalLine + 1 };
  };
}

/** The function that they call. Deep stacks are wanted of it alone. */
function noteEntry(notes: string): string {
  return `const noteEntry = ((write, descriptor) => (index) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = Infinity;
    const depth = new Error().stack.split("${serverScript}:").length - 3; // without itself and the script
    Error.stackTraceLimit = limit;
    write(descriptor, "called " + index + " " + depth + "\\n");
  })(require("node:fs").writeSync, require("node:fs").openSync(${JSON.stringify(notes)}, "a"));\n`;
}

function withInsertions(text: string, inserted: ReadonlyMap<number, string>): string {
  const places = [...inserted.keys()].sort((a, b) => a - b);
  const pieces = places.map((at, index) => (inserted.get(at) ?? "") + text.slice(at, places[index + 1]));
  return text.slice(0, places[0]) + pieces.join("");
}
