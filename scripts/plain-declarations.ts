// The last step of `npm run build`: makes the client's declarations stand alone. Types that zod infers are written out,
// and schemas left out: whoever installs dlrpc has no zod.

import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { API, NodeBuilderFlags } from "typescript/unstable/async";

const root = fileURLToPath(new URL("..", import.meta.url));
const declarations = join(root, "dist", "client");

const api = new API({ cwd: root });
const configFile = join(root, "tsconfig.client.json");
const project = (await api.updateSnapshot({ openProjects: [configFile] })).getProject(configFile);
if (project === undefined) throw new Error(`${configFile} is no project`);
const { checker, program } = project;

/** What a type that `source` exports comes to. */
async function writtenOut(source: string, name: string): Promise<string> {
  const file = await program.getSourceFile(source);
  const module = file && (await checker.getSymbolAtLocation(file));
  const symbol = module && (await checker.getMemberInModuleExports(module, name));
  if (symbol === undefined) throw new Error(`${source} exports no ${name}`);
  const { NoTruncation, InTypeAlias, MultilineObjectLiterals } = NodeBuilderFlags;
  const flags = NoTruncation | InTypeAlias | MultilineObjectLiterals;
  return await checker.typeToString(await checker.getDeclaredTypeOfSymbol(symbol), file, flags);
}

/** A statement with its comment, as tsc writes it: it goes on while lines are indented, or close a brace. */
const statement = /(?:\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?\w.*\n(?:[ }].*\n)*/g;
const needsZod = /\bz\.|"zod\b/;

/** The statements of a declaration file, those that need zod written out or left out. */
async function withoutZod(text: string, source: string): Promise<string> {
  const statements = (text.match(statement) ?? []).map(async (code) => {
    if (!needsZod.test(code)) return code;
    const type = /^export type (\w+) = /m.exec(code);
    if (type === null) return "";
    const [start, name = ""] = type;
    return `${code.slice(0, type.index)}${start}${await writtenOut(source, name)};\n`;
  });
  return (await Promise.all(statements)).join("");
}

for (const name of globSync("**/*.d.ts", { cwd: declarations })) {
  const path = join(declarations, name);
  const text = readFileSync(path, "utf8");
  const source = join(root, name.replace(/\.d\.ts$/, ".ts"));
  const plain = needsZod.test(text) ? await withoutZod(text, source) : text;
  if (needsZod.test(plain)) throw new Error(`${name} still needs zod`);
  // As compilers before TypeScript 5 resolve it.
  writeFileSync(path, plain.replace(/(\bfrom |\bimport\()("\.[^"]*)\.ts"/g, '$1$2.js"'));
}
await api.close();
