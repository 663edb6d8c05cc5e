// plugin.json of the Agent Plugins format (agent-plugins.org, 1.0.0), of which a native plugin can be a part (A8).

import { RawJson } from "../../../protocol/raw.ts";
import { textsOf } from "../../json/members.ts";

/** The member of `extensions` that holds what that format has no members for. */
export const NATIVE_EXTENSION = "com.vtcode.native";

/** Of any version: each has a schema of its own under an address like this. */
const SCHEMA = /^https:\/\/agent-plugins\.org\/schemas\/[^/]+\/plugin\.schema\.json$/;

/** @param members of plugin.json */
export function isAgentPlugin({ $schema }: Readonly<Record<string, unknown>>): boolean {
  return typeof $schema === "string" && SCHEMA.test($schema);
}

/**
 * The same as a plugin.json of a native plugin: with the members of its extension that are not at the top, and with the
 * name of the author where there is more of it. All texts stay as they were written.
 * @param document an object
 */
export function nativeForm(document: RawJson): RawJson {
  const members = document.parse() as Record<string, unknown>;
  if (!isAgentPlugin(members)) return document;
  const top = textsOf(document.bytes);
  const author = authorName(members.author);
  if (author !== undefined) top.delete("author");
  const extension = isObject(members.extensions) ? members.extensions[NATIVE_EXTENSION] : undefined;
  const added = isObject(extension)
    ? textsOf(textsOf(top.get("extensions") as Uint8Array).get(NATIVE_EXTENSION) as Uint8Array)
    : [];
  const texts = new Map([...added, ...top]);
  if (author !== undefined && !texts.has("author")) texts.set("author", Buffer.from(JSON.stringify(author)));
  const pieces = [...texts].flatMap(([name, text], index) => [
    Buffer.from(`${index === 0 ? "" : ","}${JSON.stringify(name)}:`),
    text,
  ]);
  return new RawJson(Buffer.concat([Buffer.from("{"), ...pieces, Buffer.from("}")]));
}

/** Whether it says by itself that it is native, too. */
export function isNative(members: Readonly<Record<string, unknown>>): boolean {
  const { abi_version, extensions } = members;
  return abi_version !== undefined || (isObject(extensions) && isObject(extensions[NATIVE_EXTENSION]));
}

/** @returns undefined where it is none of that format, whose authors are objects */
function authorName(author: unknown): string | null | undefined {
  if (!isObject(author)) return undefined;
  return typeof author.name === "string" ? author.name : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
