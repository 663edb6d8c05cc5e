// Where a secret key's password comes from: a file, the environment, the terminal; never arguments, which all can read.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { ReadStream } from "node:tty";
import { readAll } from "#platform/streams/blocking-io";
import { openTerminal } from "#platform/streams/terminal";
import { messageOf } from "../../base/failures.ts";
import { CommandError, type ParsedOptions } from "../options.ts";
import { printError } from "../text/output.ts";

const STDIN = 0;
const VARIABLE = "DLRPC_KEY_PASSWORD";
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** minisign takes no longer one. */
const LONGEST = 1023;

/**
 * The password that was given, or that is asked for now.
 * @param questions what the terminal asks, in turn; the answers must be the same
 * @throws CommandError where there is none
 */
export async function readPassword(options: ParsedOptions, questions: readonly string[]): Promise<Buffer> {
  const file = options.value("password-file");
  const given = file === undefined ? process.env[VARIABLE] : readFirstLine(file);
  const password = given === undefined ? await askOnTerminal(questions) : Buffer.from(given);
  if (password.length === 0)
    throw new CommandError("the password is empty; `dlrpc keygen --no-password` makes a key without");
  if (password.length > LONGEST)
    throw new CommandError(`the password has ${password.length} bytes, at most ${LONGEST} are taken`);
  return password;
}

/** Without its end, be that LF or CR LF. */
function readFirstLine(file: string): Buffer {
  let content: Buffer;
  try {
    content = file === "-" ? readAll(STDIN) : readFileSync(file);
  } catch (error) {
    throw new CommandError(`--password-file: ${messageOf(error)}`);
  }
  const end = content.indexOf(LINE_FEED);
  if (end < 0) return content;
  return content.subarray(0, content[end - 1] === CARRIAGE_RETURN ? end - 1 : end);
}

/** Asks on the terminal itself, so that stdin and stdout may be anything. What is typed is not shown. */
async function askOnTerminal(questions: readonly string[]): Promise<Buffer> {
  const terminal = ownTerminal();
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: terminal, output: nowhere, terminal: true, historySize: 0 });
  lines.once("SIGINT", () => lines.close());
  try {
    const typed = lines[Symbol.asyncIterator]();
    const answers = new Set<string>();
    for (const question of questions) {
      printError(Buffer.from(question));
      const { done, value } = await typed.next();
      printError(Buffer.from("\n"));
      if (done === true) throw new CommandError("no password was given");
      answers.add(value);
    }
    const [answer = "", other] = answers;
    if (other !== undefined) throw new CommandError("the two passwords differ; nothing was written");
    return Buffer.from(answer);
  } finally {
    lines.close();
    terminal.destroy();
  }
}

/** @throws CommandError */
function ownTerminal(): ReadStream {
  try {
    return new ReadStream(openTerminal());
  } catch {
    throw new CommandError(`a password is needed and there is no terminal; use --password-file FILE or ${VARIABLE}`);
  }
}
