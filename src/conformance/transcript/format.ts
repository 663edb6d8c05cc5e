// The form of transcripts (protocol/conformance/README.md): what a file of them may hold, and reading one.

import * as z from "zod/mini";
import { judge, listIssues } from "../../json/schema.ts";
import { systems } from "../../plugins/libraries/platform-directory.ts";
import { Pattern } from "./pattern.ts";
import { Pieces } from "./pieces.ts";

const Path = z.string().check(z.minLength(1));
const Mode = z.pipe(
  z.string().check(z.regex(/^[0-7]{3,4}$/, "must be three or four octal digits")),
  z.transform((digits) => Number.parseInt(digits, 8)),
);
const Members = z.record(z.string(), z.json());
const Times = z._default(z.int().check(z.positive()), 1);
const Chunk = z.optional(z.int().check(z.positive()));
const System = z.enum(systems);
export type System = z.output<typeof System>;
/** The systems that a step or an operation is for; without it all. */
const On = z.optional(z.array(System).check(z.minLength(1)));
type On = z.output<typeof On>;
/** By system: why there is nothing there that it could show, or be built for. */
const NotOn = z._default(z.partialRecord(System, z.string().check(z.minLength(1))), {});

/** What can be done to the files below the transcript's own directory; each has one member that names it. */
const fileSchemas = {
  plugin: z.strictObject({
    plugin: Path,
    at: Path,
    manifest: z.optional(z.nullable(z.union([Members, Pieces]))),
    library: z.optional(z.nullable(Path)),
  }),
  write: z.strictObject({ write: Path, content: Pieces, mode: z.optional(Mode) }),
  copyLibrary: z.strictObject({ copyLibrary: Path, to: Path }),
  directory: z.strictObject({ directory: Path, mode: z.optional(Mode) }),
  link: z.strictObject({ link: Path, to: Path }),
  chmod: z.strictObject({ chmod: Path, mode: Mode }),
  rename: z.strictObject({ rename: Path, to: Path }),
  remove: z.strictObject({ remove: Path }),
};

/** What can be done in a transcript; each step has one member that names it. */
const stepSchemas = {
  send: z.strictObject({ send: Pieces, body: z.optional(Pieces), chunk: Chunk }),
  message: z.strictObject({ message: Pieces, chunk: Chunk }),
  request: z.strictObject({
    request: z.strictObject({
      id: z.union([z.string(), z.int(), z.null()]),
      method: z.string(),
      params: z.optional(z.json()),
    }),
  }),
  notification: z.strictObject({
    notification: z.strictObject({ method: z.string(), params: z.optional(z.json()) }),
  }),
  load: z.strictObject({ load: Members, as: z.optional(z.string()) }),
  expect: z.strictObject({ expect: Pattern, frame: z.optional(Pieces), times: Times }),
  expectAll: z.strictObject({ expectAll: z.array(Pattern).check(z.minLength(1)) }),
  reading: z.strictObject({ reading: z.boolean() }),
  close: z.strictObject({ close: z.enum(["stdin", "stdout"]) }),
  signal: z.strictObject({ signal: z.enum(["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"]) }),
  exit: z.strictObject({ exit: z.strictObject({ status: z.optional(Pattern), signal: z.optional(Pattern) }) }),
  files: z.strictObject({ files: z.array(z.lazy(() => FileOperation)) }),
  awaitFile: z.strictObject({ awaitFile: Path }),
  noFile: z.strictObject({ noFile: Path }),
  process: z.strictObject({ process: z.string() }),
  endProcess: z.strictObject({ endProcess: z.string() }),
  ended: z.strictObject({ ended: z.string(), withinMs: z.optional(z.int().check(z.positive())) }),
};

export const fileKinds = Object.keys(fileSchemas);
export const stepKinds = Object.keys(stepSchemas);

export type FileKind = keyof typeof fileSchemas;
export type FileAction<K extends FileKind> = z.output<(typeof fileSchemas)[K]>;
export type StepKind = keyof typeof stepSchemas;
export type StepAction<K extends StepKind> = z.output<(typeof stepSchemas)[K]>;

export type FileOperation = { [K in FileKind]: { kind: K; action: FileAction<K>; on: On } }[FileKind];
export type Step = { [K in StepKind]: { kind: K; action: StepAction<K>; on: On } }[StepKind];

const FileOperation = named(fileSchemas) as z.ZodMiniType<FileOperation>;
const Step = named(stepSchemas) as z.ZodMiniType<Step>;

const Transcript = z.strictObject({
  name: z.string().check(z.minLength(1)),
  rules: z.array(z.string()).check(z.minLength(1)),
  comment: z.optional(z.string()),
  notOn: NotOn,
  framing: z._default(z.enum(["lines", "headers"]), "lines"),
  trust: z._default(z.array(Path), [`\${PLUGINS}`]),
  args: z._default(z.array(z.string()), []),
  env: z._default(z.record(z.string(), z.string()), {}),
  files: z._default(z.array(FileOperation), []),
  steps: z.array(Step).check(z.minLength(1)),
});
export type Transcript = z.output<typeof Transcript>;

/** A file of transcripts. */
const TranscriptFile = z.strictObject({ section: z.string(), transcripts: z.array(Transcript) });

const PluginRecipe = z.strictObject({
  source: z.string(),
  defines: z._default(z.record(z.string(), z.union([z.string(), z.int(), z.literal(true)])), {}),
  notOn: NotOn,
});
export type PluginRecipe = z.output<typeof PluginRecipe>;

const Rule = z.strictObject({
  rule: z.string(),
  says: z.string(),
  /** What of it no transcript can show, and why. */
  unseen: z.optional(z.string()),
  /** Whether nothing of it can be seen on the wire. */
  invisible: z.optional(z.literal(true)),
});

/** Read what a file holds. @throws Error listing every issue */
export const readTranscripts = reader(TranscriptFile);
export const readRecipes = reader(z.record(z.string(), PluginRecipe));
export const readRules = reader(z.array(Rule));

function reader<T extends z.ZodMiniType>(schema: T): (file: string, content: unknown) => z.output<T> {
  return (file, content) => {
    const judged = judge(schema, content);
    if ("data" in judged) return judged.data;
    throw new Error(`${file} is not as README.md describes it: ${listIssues(judged.issues)}`);
  };
}

/** An object that one member says the kind of: an issue in it is then reported for that kind alone. */
function named(schemas: Readonly<Record<string, z.ZodMiniObject>>): z.ZodMiniType {
  const kinds = Object.keys(schemas);
  return z.pipe(
    Members,
    z.transform((members, context) => {
      const { comment: _, ...action } = members;
      const kind = Object.keys(action).find((key) => kinds.includes(key));
      const schema = kind === undefined ? undefined : schemas[kind];
      if (schema === undefined) {
        context.issues.push({ code: "custom", message: `one of ${kinds.join(", ")} is needed`, input: members });
        return z.NEVER;
      }
      const judged = judge(z.extend(schema, { on: On }), action);
      if ("data" in judged) {
        const { on, ...rest } = judged.data;
        return { kind, action: rest, on };
      }
      for (const { path, message } of judged.issues) {
        context.issues.push({ code: "custom", message, path: path.split("."), input: members });
      }
      return z.NEVER;
    }),
  );
}
