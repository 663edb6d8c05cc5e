// Owns one tool: what is said of it, and the plugin behind it, which is loaded when it is called for the first time.

import { RawJson } from "../../../protocol/raw.ts";
import { JsonSchema } from "../../json/json-schema.ts";
import { listIssues } from "../../json/schema.ts";
import { log } from "../../observe/log.ts";
import { inBackground } from "../../platform/both-halves/promises.ts";
import type { PluginHandle } from "../../plugin-table/plugin-handle.ts";
import type { Metadata } from "../../plugins/manifest/metadata.ts";
import { readToolMembers, type ToolMembers } from "../../plugins/manifest/tool-members.ts";
import type { Annotations } from "./annotations.ts";

/** A plugin as it lies on disk. */
export interface ToolSource {
  /** The tool's name. */
  readonly name: string;
  /** The plugin's directory, canonical. */
  readonly path: string;
  readonly manifest: Metadata;
  readonly members: ToolMembers;
  /** Another one says that plugin.json or the library is another. */
  readonly mark: string;
  annotationsFor(members: ToolMembers): Annotations;
}

const ANY_OBJECT = RawJson.from({ type: "object" });

/** What a tool needs from around it. */
export interface ToolEvents {
  /** Loads the plugin. @throws DlrpcError */
  load(source: ToolSource): Promise<PluginHandle>;
  /** Loads what has changed on disk, under the same handle; where that fails the old code stays. @returns whether it did */
  reload(source: ToolSource, handle: PluginHandle): Promise<boolean>;
  /** Ends the plugin's process, behind the calls that it still has. */
  unload(handle: PluginHandle): void;
  /** What is said of it has changed. */
  changed(): void;
  /** How long a plugin without calls stays loaded, in milliseconds; undefined: for ever. */
  readonly idleMs: number | undefined;
}

export class Tool {
  source: ToolSource;
  private readonly events: ToolEvents;
  private members: ToolMembers;
  private written: RawJson | undefined;
  private loading: Promise<PluginHandle> | undefined;
  /** How many calls have not ended. */
  private calls = 0;
  private idle: NodeJS.Timeout | undefined;
  /** Undefined until a call has loaded it. */
  handle: PluginHandle | undefined;
  input: JsonSchema | undefined;
  output: JsonSchema | undefined;

  constructor(source: ToolSource, events: ToolEvents) {
    this.source = source;
    this.events = events;
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
    this.loading ??= this.events.load(this.source).then(
      (handle) => {
        this.handle = handle;
        this.learn(handle.metadata);
        this.rest();
        return handle;
      },
      (error: unknown) => {
        this.loading = undefined;
        throw error;
      },
    );
    return this.loading;
  }

  callBegins(): void {
    this.calls++;
    clearTimeout(this.idle);
  }

  callEnded(): void {
    this.calls--;
    this.rest();
  }

  private rest(): void {
    const { idleMs } = this.events;
    if (this.calls > 0 || idleMs === undefined) return;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.unload(), idleMs);
  }

  /** The next call loads it again. */
  unload(): void {
    clearTimeout(this.idle);
    const { present } = this;
    this.loading = undefined;
    this.handle = undefined;
    const unloaded = present.then((handle) => {
      if (handle !== undefined) this.events.unload(handle);
    });
    inBackground(unloaded);
  }

  /** What is loaded of it, or about to be. */
  private get present(): Promise<PluginHandle | undefined> {
    return this.loading?.catch(() => undefined) ?? Promise.resolve(undefined); // whoever waits for it is told why not
  }

  /** Its plugin on disk may be another: what is loaded of it is loaded anew, behind the calls that came before. */
  async update(source: ToolSource): Promise<void> {
    const { mark } = this.source;
    this.source = source;
    this.describe(this.handle === undefined ? source.members : { ...this.members, ...source.members });
    if (mark === source.mark) return;
    const handle = await this.present;
    if (handle !== undefined && (await this.events.reload(source, handle))) this.learn(handle.metadata);
  }

  /** Takes from the metadata what plugin.json does not say. */
  private learn(metadata: Metadata): void {
    const { members, issues } = readToolMembers(metadata.raw);
    if (issues.length > 0) log("warn", `${this.name}: its metadata is not all of use: ${listIssues(issues)}`);
    this.describe({ ...members, ...this.source.members });
  }

  private describe(members: ToolMembers): void {
    const before = this.entry.toString();
    this.members = members;
    this.written = undefined;
    this.readSchemas();
    if (this.entry.toString() !== before) this.events.changed();
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
