// One run of a transcript: every step in order, the limit of time, and what is judged beyond the steps.

import { basename, delimiter, extname, join, relative } from "node:path";
import { slashed } from "../base/paths.ts";
import { ownSystem } from "../plugins/libraries/platform-directory.ts";
import { Conversation } from "./checks/conversation.ts";
import { Deviation } from "./checks/judge.ts";
import { libraryName } from "./plugins/plugins.ts";
import { Subject } from "./server/subject.ts";
import { temporaryDirectory, Workplace } from "./server/workplace.ts";
import { Stage } from "./stage.ts";
import type { Transcript } from "./transcript/format.ts";
import { Variables } from "./transcript/variables.ts";

export interface PlayOptions {
  /** The server and its first arguments. */
  readonly command: readonly string[];
  /** The directory of the plugins that transcripts load. */
  readonly plugins: string;
  /** How long one transcript may take, in milliseconds. */
  readonly limitMs: number;
}

/** How a server deviates from a transcript. */
export interface Failure {
  /** Which step, from 1; undefined where it shows after the last one. */
  readonly step: number | undefined;
  readonly found: string;
  readonly expected: string;
  /** What was sent and what came, in order. */
  readonly conversation: readonly string[];
  /** The end of what the server wrote to stderr. */
  readonly stderr: string;
}

/** @returns undefined when the server did all that the transcript says @throws CannotStart, Error where it is wrong */
export async function play(transcript: Transcript, options: PlayOptions): Promise<Failure | undefined> {
  const directory = await temporaryDirectory();
  const { plugins } = options;
  const suffix = extname(libraryName("any"));
  const variables = new Variables({
    DIR: slashed(directory),
    PLUGINS: slashed(plugins),
    HERE: slashed(process.cwd()),
    RELATIVE: slashed(relative(process.cwd(), plugins)),
    LIST: delimiter,
    LIB: basename(libraryName("any"), `any${suffix}`),
    DLL: suffix,
  });
  await using workplace = new Workplace(directory, plugins, variables);
  await workplace.apply(transcript.files);

  const conversation = new Conversation();
  const subject = await Subject.start(serverCommand(transcript, options.command, variables), {
    framing: transcript.framing,
    env: serverEnvironment(transcript, directory, variables),
  });
  const limit = new AbortController();
  const stage = new Stage({ transcript, subject, workplace, variables, conversation, limit: limit.signal });
  const deadline = setTimeout(() => {
    limit.abort(new Deviation(`nothing for the rest of ${options.limitMs / 1000} s`, stage.waitsFor));
    subject.kill(); // whatever is waited for ends
  }, options.limitMs);
  try {
    for (const step of transcript.steps) await stage.perform(step);
    await stage.finish();
    return undefined;
  } catch (error) {
    const deviation = limit.signal.aborted ? limit.signal.reason : error;
    if (!(deviation instanceof Deviation)) throw error;
    const { found, expected } = deviation;
    return { step: stage.step, found, expected, conversation: conversation.lines, stderr: subject.stderr };
  } finally {
    clearTimeout(deadline);
    subject.kill();
    await subject.exit;
    await stage.leave();
  }
}

function serverCommand({ trust, args }: Transcript, command: readonly string[], variables: Variables): string[] {
  const trusted = trust.flatMap((directory) => ["--trust", variables.expandText(directory)]);
  return [...command, ...trusted, ...args.map((arg) => variables.expandText(arg))];
}

/** The machine's own plugins and settings are kept out of it. */
function serverEnvironment({ env }: Transcript, directory: string, variables: Variables): NodeJS.ProcessEnv {
  const own = Object.entries(env).map(([name, value]) => [name, variables.expandText(value)]);
  const { DLRPC_TRUSTED_DIRS: _, ...inherited } = process.env;
  const home = join(directory, "home");
  return { ...inherited, HOME: home, ...(ownSystem === "win32" && { USERPROFILE: home }), ...Object.fromEntries(own) };
}
