// What a plugin says of itself as a tool of an agent (A10): member by member, so that one of a wrong form costs no other.

import type * as z from "zod/mini";
import { toolMembers } from "../../../protocol/abi.ts";
import { schemaMembers } from "../../../protocol/abi-names.ts";
import { RawJson } from "../../../protocol/raw.ts";
import { textsOf } from "../../json/members.ts";
import { type Issue, judge } from "../../json/schema.ts";
import { schemaIssues } from "./schema-form.ts";

export interface ToolMembers {
  readonly title?: string;
  readonly inputSchema?: RawJson;
  readonly outputSchema?: RawJson;
  /** As they were written. */
  readonly icons?: RawJson;
  readonly annotations?: z.output<typeof toolMembers.annotations>;
}

export interface ToolReading {
  readonly members: ToolMembers;
  /** What was left out, and why. */
  readonly issues: readonly Issue[];
}

/** @param document plugin.json or metadata: an object */
export function readToolMembers(document: RawJson): ToolReading {
  const texts = textsOf(document.bytes);
  const issues: Issue[] = [];
  const textOf = (name: string): RawJson | undefined => {
    const bytes = texts.get(name);
    const text = bytes && new RawJson(bytes);
    return text?.toString() === "null" ? undefined : text; // as optional members may be
  };
  const note = (name: string, found: readonly Issue[]) =>
    issues.push(...found.map(({ path, message }) => ({ path: path === "" ? name : `${name}.${path}`, message })));
  const member = <T extends keyof typeof toolMembers>(name: T): z.output<(typeof toolMembers)[T]> | undefined => {
    const text = textOf(name);
    if (text === undefined) return undefined;
    const judged = judge(toolMembers[name], text.parse());
    if ("data" in judged) return judged.data as z.output<(typeof toolMembers)[T]>;
    note(name, judged.issues);
    return undefined;
  };
  const schema = (name: (typeof schemaMembers)[number]): RawJson | undefined => {
    const text = textOf(name);
    const found = text === undefined ? [] : schemaIssues(text);
    note(name, found);
    return found.length === 0 ? text?.kept() : undefined;
  };
  const title = member("title");
  const [inputSchema, outputSchema] = schemaMembers.map(schema);
  const icons = member("icons") === undefined ? undefined : textOf("icons")?.kept();
  const annotations = member("annotations");
  return {
    members: {
      ...(title !== undefined && { title }),
      ...(inputSchema !== undefined && { inputSchema }),
      ...(outputSchema !== undefined && { outputSchema }),
      ...(icons !== undefined && { icons }),
      ...(annotations !== undefined && { annotations }),
    },
    issues,
  };
}
