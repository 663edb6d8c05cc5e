// Owns docs/api.md: what dlrpc/client exports, what the methods of the protocol take and give, and what the modules of the
// contract export. What has no doc comment is an error.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as z from "zod/mini";
import { documentation } from "../../protocol/documentation.ts";
import { errorKinds } from "../../protocol/error-kinds.ts";
import { methods } from "../../protocol/methods.ts";
import { projectRoot } from "../places.ts";
import { clientSections } from "./client.ts";
import { contractSections } from "./contract.ts";
import { type Documented, type Exported, Modules } from "./exports.ts";
import { code, table } from "./table.ts";

const introduction = `# The API

<!-- \`npm run docs\` has written this page, from the doc comments of src/client and protocol/, and from the schemas there. -->

For hosts in JavaScript and TypeScript: what [dlrpc/client](#dlrpcclient) exports ([how it is used](hosts.md)). For hosts in any
language: what the [methods](#the-methods) take and give. For those who change the contract: [what its modules
export](#the-modules-of-the-contract). A letter with a number, as E3, is a rule of [SPEC.md](../protocol/SPEC.md).`;

const modulesTitle = "## The modules of the contract";

/** A module, and what it exports. */
export interface DocumentedModule {
  /** Its path, relative to the project. */
  readonly name: string;
  readonly exports: readonly Exported[];
}

/** The page as it stands in the repository. @throws Error that names every export and every member without a doc comment */
export async function apiPage(): Promise<string> {
  const names = readdirSync(join(projectRoot, "protocol")).filter((name) => name.endsWith(".ts"));
  const described = await descriptionsIn(names);
  using modules = new Modules(join(projectRoot, "packaging", "api", "tsconfig.json"));
  const contract = names.map((file) => {
    const path = join(projectRoot, "protocol", file);
    const own = modules.exportsOf(path).filter(({ file }) => file === path);
    // What members mean stands in the schemas, and is checked there.
    return {
      name: `protocol/${file}`,
      exports: own.map((exported) => ({ ...withWords(exported, described), members: [] })),
    };
  });
  const client = modules.exportsOf(join(projectRoot, "src", "client", "index.ts")).map((exported) => {
    const members =
      exported.name === "Methods" ? exported.members.map((member) => withWords(member, summaries)) : exported.members;
    return { ...withWords(exported, described), members };
  });
  throwIfUndocumented([{ name: "src/client", exports: client }, ...contract]);
  return `${[introduction, ...clientSections(client), ...contractSections(), modulesTitle, ...contract.map(moduleSection)].join("\n\n")}\n`;
}

/** What each method is for. */
const summaries = new Map(Object.entries(methods).map(([name, { summary }]) => [name, `${summary}.`]));

function withWords<Named extends Documented>(own: Named, words: ReadonlyMap<string, string>): Named {
  return { ...own, doc: own.doc || (words.get(own.name) ?? "") };
}

/** What schemas say of themselves, by the names by which modules of the contract export them. */
async function descriptionsIn(names: readonly string[]): Promise<Map<string, string>> {
  const described = new Map<string, string>();
  for (const name of names) {
    const values: Record<string, unknown> = await import(pathToFileURL(join(projectRoot, "protocol", name)).href);
    for (const [exported, value] of Object.entries(values)) {
      const description = value instanceof z.ZodMiniType ? documentation.get(value)?.description : undefined;
      if (description !== undefined) described.set(exported, description);
    }
  }
  return described;
}

function moduleSection({ name, exports }: DocumentedModule): string {
  return [
    `### ${name}`,
    table(
      ["export", ""],
      exports.map(({ name, doc }) => [code(name), doc.replaceAll("|", "\\|")]),
    ),
  ].join("\n\n");
}

/** @throws Error that names all that has no doc comment */
export function throwIfUndocumented(modules: readonly DocumentedModule[]): void {
  const missing = modules.flatMap(({ name, exports }) =>
    exports.flatMap((exported) => {
      const own = isDocumented(exported) ? [] : [exported.name];
      const members = exported.members.filter((member) => !isDocumented(member));
      return [...own, ...members.map((member) => `${exported.name}.${member.name}`)].map((what) => `${name}: ${what}`);
    }),
  );
  if (missing.length === 0) return;
  throw new Error(
    `These exports have no doc comment, which docs/api.md is made of; write one above each (a schema: \`about\`, \`named\`):\n  ${missing.join("\n  ")}`,
  );
}

/** A class of the client's for one kind of error is described by the registry. */
function isDocumented({ doc, declaration }: Documented): boolean {
  return doc !== "" || (declaration.split(":")[0] ?? "") in errorKinds;
}
