// dlrpc on a console of Windows, in Wine: what a person sees there who types requests.

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { projectRoot } from "../support/paths.ts";
import { beginOnTerminal } from "../support/terminal.ts";
import { prepareProgram, programInWine } from "./prepare-program.ts";

/** Wine's wineserver is slow, and other tests in Wine may have their turn first. */
const SLOW_MS = 1_200_000;

/** Wine makes a terminal raw at its own time: what is typed before would arrive otherwise, Enter as another key. */
const asTyped = ["sh", "-c", 'stty raw -echo && exec "$@"', "sh"];

const tools = ["x86_64-w64-mingw32-gcc", "wine", "script"] as const;

test.skipIf(tools.some(lacks))(
  "requests that are typed are answered; Ctrl-C ends it",
  { timeout: SLOW_MS },
  async () => {
    const work = mkdtempSync(join(tmpdir(), "dlrpc-windows-console-"));
    try {
      await prepareProgram(work);
      const command = [
        ...asTyped,
        join(projectRoot, "test", "windows", "wine.sh"),
        work,
        ...programInWine,
        "serve",
        "--log-level=info",
      ];
      const terminal = beginOnTerminal(command, { DLRPC_WINE_TERMINAL: "yes" });
      const ended = once(terminal, "close");
      let shown = "";
      terminal.stdout.on("data", (text) => {
        shown += text;
      });
      const shows = (words: string) => expect.poll(() => shown, { timeout: SLOW_MS }).toContain(words);
      await shows("serves as process"); // what was typed before would be lost
      terminal.stdin.write('{"jsonrpc":"2.0","id":1,"method":"plugin/list"}\r');
      await shows('{"jsonrpc":"2.0","id":1,"result":{"plugins":[]}}');
      terminal.stdin.write("\x03");
      expect(await ended).toEqual([0, null]);
    } finally {
      rmSync(work, { recursive: true });
    }
  },
);
