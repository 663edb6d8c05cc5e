// Owns one tool: what is said of it, and the plugin behind it, which is loaded when it is called for the first time.

import { RawJson } from "../../protocol/raw.ts";
import type { PluginHandle } from "../hosting/plugin-handle.ts";
import { JsonSchema } from "../json/json-schema.ts";
import { listMistakes } from "../json/schema.ts";
import { log } from "../observe/log.ts";
import type { Metadata } from "../plugins/metadata.ts";
import { readToolMembers, type ToolMembers } from "../plugins/tool-members.ts";
import type { Annotations } from "./annotations.ts";

/** A plugin as it lies on disk. */
export interface ToolSource {
  /** The tool's name. */
  readonly name: string;
  /** The plugin's directory, canonical. */
  readonly path: string;
  readonly manifest: Metadata;
  readonly members: ToolMembers;
  annotationsFor(members: ToolMembers): Annotations;
}

const ANY_OBJECT = RawJson.from({ type: "object" });

export class Tool {
  readonly source: ToolSource;
  /** Loads the plugin. @throws DlrpcError */
  private readonly load: (source: ToolSource) => Promise<PluginHandle>;
  private members: ToolMembers;
  private written: RawJson | undefined;
  private loading: Promise<PluginHandle> | undefined;
  /** Undefined until a call has loaded it. */
  handle: PluginHandle | undefined;
  input: JsonSchema | undefined;
  output: JsonSchema | undefined;

  constructor(source: ToolSource, load: (source: ToolSource) => Promise<PluginHandle>) {
    this.source = source;
    this.load = load;
    this.members = source.members;
    this.readSchemas();
  }

  get name(): string {
    return this.source.name;
  }

  /** As tools/list shows it. */
  get entry(): RawJson {
    this.written ??= entryOf(this.source, this.members);
    return this.written;
  }

  /** Loads the plugin, once for all who wait; where that fails, the next call tries anew. @throws DlrpcError */
  loaded(): Promise<PluginHandle> {
    this.loading ??= this.load(this.source).then(
      (handle) => {
        this.handle = handle;
        this.learn(handle.metadata);
        return handle;
      },
      (error: unknown) => {
        this.loading = undefined;
        throw error;
      },
    );
    return this.loading;
  }

  /** Takes from the metadata what plugin.json does not say. */
  private learn(metadata: Metadata): void {
    const { members, mistakes } = readToolMembers(metadata.raw);
    if (mistakes.length > 0) log("warn", `${this.name}: its metadata is not all of use: ${listMistakes(mistakes)}`);
    this.members = { ...members, ...this.source.members };
    this.written = undefined;
    this.readSchemas();
  }

  private readSchemas(): void {
    const { inputSchema, outputSchema } = this.members;
    this.input = inputSchema && new JsonSchema(inputSchema);
    this.output = outputSchema && new JsonSchema(outputSchema);
  }
}

function entryOf({ name, manifest, annotationsFor }: ToolSource, members: ToolMembers): RawJson {
  const { title, inputSchema = ANY_OBJECT, outputSchema, icons } = members;
  const parts: [string, RawJson | undefined][] = [
    ["name", RawJson.from(name)],
    ["title", title === undefined ? undefined : RawJson.from(title.toWellFormed())],
    ["description", RawJson.from(descriptionOf(manifest))],
    ["inputSchema", inputSchema],
    ["outputSchema", outputSchema],
    ["annotations", RawJson.from(annotationsFor(members))],
    ["icons", icons],
  ];
  const texts = parts.flatMap(([key, text]) => (text === undefined ? [] : [`"${key}":${text}`]));
  return new RawJson(Buffer.from(`{${texts.join(",")}}`));
}

function descriptionOf({ description, raw }: Metadata): string {
  const { when_to_use, when_not_to_use } = raw.parse() as Record<string, unknown>;
  return [
    description,
    ...(typeof when_to_use === "string" ? [`When to use it: ${when_to_use}`] : []),
    ...(typeof when_not_to_use === "string" ? [`When not to use it: ${when_not_to_use}`] : []),
  ]
    .join("\n\n")
    .toWellFormed();
}
