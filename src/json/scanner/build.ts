// Compiles the grammar into binary.ts (`npm run scanner`). The result is kept, so that neither the build nor the tests
// need the compiler; a test sees that it is current.

import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The text of binary.ts as the grammar has it now. @throws Error with what the compiler says */
export async function compiledGrammar(): Promise<string> {
  let binary: Uint8Array = new Uint8Array();
  const features = ["--enable", "simd", "--enable", "bulk-memory"];
  const layout = ["--memoryBase", "64", "--initialMemory", "6"]; // what lies where is the grammar's own affair
  const { error, stderr } = await asc.main(
    [here("grammar.as.ts"), "-O3", "--runtime", "stub", "--noAssert", ...features, ...layout, "-o", "grammar.wasm"],
    {
      writeFile: (_, contents) => {
        if (contents instanceof Uint8Array) binary = contents;
      },
    },
  );
  if (error !== null) throw new Error(`the grammar does not compile:\n${stderr}`, { cause: error });
  const text = Buffer.from(binary).toString("base64");
  return `// Made from grammar.as.ts by \`npm run scanner\`.\n\nexport const binary =\n  "${text}";\n`;
}

if (import.meta.main) await writeFile(here("binary.ts"), await compiledGrammar());
