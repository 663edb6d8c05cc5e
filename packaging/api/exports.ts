// Owns what a module exports, as the compiler knows it: names, types, and what their doc comments say.

import { dirname } from "node:path";
import type { Node } from "typescript/unstable/ast";
import { API, type Symbol as ProgramSymbol, type Project, SymbolFlags } from "typescript/unstable/sync";

/** Something that has a doc comment, or should have one. */
export interface Documented {
  readonly name: string;
  /** What is declared, as it is written, without what it is made of. */
  readonly declaration: string;
  /** Empty where there is none. */
  readonly doc: string;
  /** What it throws, as the doc comment says it. */
  readonly throws: string | undefined;
}

export interface Exported extends Documented {
  readonly kind: "class" | "interface" | "type" | "function" | "value";
  /** Where it is declared, absolute. */
  readonly file: string;
  /** Of a class or an interface, those that are not private. */
  readonly members: readonly Documented[];
}

/** The modules of a project. `using` ends the compiler. */
export class Modules implements Disposable {
  private readonly api = new API();
  private readonly project: Project;

  /** @param config the project's tsconfig.json, absolute @throws Error where it is none */
  constructor(config: string) {
    const project = this.api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (project === undefined) throw new Error(`${config} is no project of TypeScript's`);
    this.project = project;
  }

  /** @param file absolute @throws Error where it is no module of the project */
  exportsOf(file: string): Exported[] {
    const { checker, program } = this.project;
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} is no module of ${this.project.configFileName}`);
    return checker.getExportsOfModule(module).map((symbol) => this.exported(symbol, dirname(file)));
  }

  [Symbol.dispose](): void {
    this.api.close();
  }

  private exported(symbol: ProgramSymbol, directory: string): Exported {
    const { checker } = this.project;
    const target = symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const kind = kindOf(target);
    const members = kind === "class" || kind === "interface" ? this.membersOf(target, directory) : [];
    return {
      ...this.documented(target),
      name: symbol.name,
      kind,
      file: declarationOf(target)?.getSourceFile().fileName ?? "",
      members,
    };
  }

  /** Of a class its own, of an interface those that it inherits, too, as far as they are declared beside the module. */
  private membersOf(symbol: ProgramSymbol, directory: string): Documented[] {
    const { checker } = this.project;
    const isInterface = (symbol.flags & SymbolFlags.Interface) !== 0;
    const all = isInterface
      ? checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
      : [...symbol.getMembers().values()].filter(({ flags }) => (flags & declared) !== 0);
    const open = all.filter((member) => {
      const isInternal = member.getJsDocTags(checker).some(({ name }) => name === "internal");
      const node = declarationOf(member);
      const isOwn = node?.getSourceFile().fileName.startsWith(directory) === true;
      return isOwn && !isInternal && !/^private\b/.test(node.getText());
    });
    return open.map((member) => this.documented(member));
  }

  private documented(symbol: ProgramSymbol): Documented {
    const { checker } = this.project;
    const throwing = symbol.getJsDocTags(checker).find(({ name }) => name === "throws");
    return {
      name: symbol.name,
      declaration: headOf(declarationOf(symbol)),
      doc: symbol.getDocumentationComment(checker).replaceAll(/\s+/g, " "),
      throws: throwing?.text?.replaceAll(/\s+/g, " "),
    };
  }
}

const declared = SymbolFlags.Property | SymbolFlags.Method | SymbolFlags.Accessor;

function declarationOf(symbol: ProgramSymbol): Node | undefined {
  return symbol.declarations[0]?.resolve();
}

/** What a reader has to know of a declaration: what it is called and of which type it is, without what it is made of. */
function headOf(node: Node | undefined): string {
  if (node === undefined) return "";
  const { body, members } = node as { body?: { pos: number }; members?: { pos: number } };
  const end = (body ?? members)?.pos;
  const text = node.getText().slice(0, end === undefined ? undefined : end - node.getStart());
  return text
    .replace(/^(export |async |readonly |declare |function |type )+/, "")
    .replaceAll(/\{[^{}]*\}(?=: )/g, "options") // params that are taken apart have no name of their own
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\( | \)|,(?= \))/g, (found) => found.trim().replace(",", ""))
    .replace(/[ ;{]+$/, "");
}

function kindOf({ flags }: ProgramSymbol): Exported["kind"] {
  if (flags & SymbolFlags.Class) return "class";
  if (flags & SymbolFlags.Interface) return "interface";
  if (flags & SymbolFlags.Function) return "function";
  return flags & SymbolFlags.Variable ? "value" : "type";
}
