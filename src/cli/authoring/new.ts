// `dlrpc new`: makes a directory with a plugin to begin from.

import { existsSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { namePattern } from "../../../protocol/abi-names.ts";
import { requirePart } from "../../platform/program-parts.ts";
import { CommandError, onlyOperand, parseOptions, UsageError } from "../options.ts";
import { columns, widthOf } from "../text/columns.ts";
import { print } from "../text/output.ts";
import { typedBuild, typedFile } from "./build-command.ts";
import { languages, newVerb } from "./verbs.ts";

/** What the templates' plugin is called: in each of their files its place is taken by the new one's name. */
const TEMPLATE_NAME = "my-plugin";

/** dlrpc warns of what others may write to. */
const DIRECTORY = { mode: 0o755 } as const;

/** Language → path → text, as packaging/templates.ts has put it there. */
type Templates = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** @returns the exit status @throws UsageError, CommandError */
export async function runNew(args: readonly string[]): Promise<number> {
  const options = parseOptions(newVerb, args);
  const name = onlyOperand(options, "new needs the plugin's name: dlrpc new NAME --lang c", "new makes one plugin");
  if (!namePattern.test(name)) throw new UsageError(refusedName(name));
  const language = options.choice("lang", languages);
  if (language === undefined) throw new UsageError(`new needs --lang, one of ${languages.join(", ")}`);

  requireRoom(name);
  const templates: Templates = JSON.parse(requirePart("templates.json").toString());
  const texts = Object.entries(templates[language] ?? {});
  make(name, "choose a directory in which you can make one", () => {
    if (!existsSync(name)) mkdirSync(name, DIRECTORY);
  });
  for (const [path, text] of texts) {
    const file = join(name, path);
    make(file, `remove ${name}, and make room for it`, () => {
      if (dirname(path) !== ".") mkdirSync(dirname(file), { ...DIRECTORY, recursive: true });
      writeFileSync(file, text.replaceAll(TEMPLATE_NAME, name), { flag: "wx", mode: 0o644 });
    });
  }
  print(nextCommands(name));
  return 0;
}

/** @throws CommandError why it cannot be made */
function make(path: string, remedy: string, how: () => void): void {
  try {
    how();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CommandError(`${path} cannot be made (${error.message}); ${remedy}`);
  }
}

function refusedName(name: string): string {
  const shown = JSON.stringify(name);
  return `${shown} is no plugin's name: 1 to 64 of A-Z a-z 0-9 . _ - are needed, and a letter or digit at the beginning`;
}

/** @throws CommandError where there is something in the directory's place */
function requireRoom(name: string): void {
  const found = lstatSync(name, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory()) throw new CommandError(`${name} is there already, and no directory; take another name`);
  if (readdirSync(name).length > 0)
    throw new CommandError(`${name} is there already, and not empty; take another name, or remove it`);
}

function nextCommands(name: string): string {
  const commands = [
    [`cd ${name}`, ""],
    [typedBuild(), "builds it"],
    [`dlrpc exec . --input ${typedFile("input.json")}`, "calls it"],
    ["dlrpc dev .", "builds it and calls it, at each change"],
  ] as const;
  const toShip = [
    [`${typedBuild()} dist`, `puts what users need into dist/${name}`],
    ["dlrpc keygen --key ../author.key", "once: the keys of all your plugins"],
    [`dlrpc sign dist/${name} --key ../author.key`, "so that users know whose it is"],
    [`dlrpc pack dist/${name} --mcpb dist/${name}.mcpb --author YOU`, "a package that agents install"],
    [`dlrpc install dist/${name} --require-signature ../author.pub`, "for yourself, into ~/.vtcode/plugins"],
    ["dlrpc mcp", "the MCP server that an agent starts"],
  ] as const;
  const width = widthOf([...commands, ...toShip]);
  return `Made ${name}. Next:\n\n${columns(commands, width)}\n\nTo ship it:\n\n${columns(toShip, width)}\n`;
}
