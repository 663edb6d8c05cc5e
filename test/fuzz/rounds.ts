// One round of fuzzing: many messages, some damaged, in chunks of any size; then the books must balance.

import { freshMessage } from "./corpus.ts";
import { mutate, split } from "./mutate.ts";
import { expectedResponses } from "./oracle.ts";
import { Random } from "./random.ts";
import { FuzzSession } from "./session.ts";

const MESSAGES = 150;
/** A round takes well under a second; one that takes this long hangs. */
const HANG_MS = 20_000;

export interface Round {
  framing: "headers" | "lines";
  /** What is damaged: bodies, whose frames stay whole, or the stream itself. */
  damage: "bodies" | "stream";
  seed: number;
}

/** The round with that number: all kinds take turns. */
export function roundNumber(n: number, seed: number): Round {
  return {
    framing: n % 2 === 0 ? "headers" : "lines",
    damage: n % 4 < 2 ? "bodies" : "stream",
    seed: seed + n,
  };
}

/** @throws Error saying what was wrong; the round's description runs it again */
export async function runRound(round: Round): Promise<void> {
  const session = new FuzzSession(round.framing, ["--max-message-bytes=100000", "--log-level=error"]);
  const limit = setTimeout(() => session.fail(new Error(`nothing came for ${HANG_MS} ms`)), HANG_MS);
  try {
    if (round.damage === "bodies") await damageBodies(session, round);
    else await damageStream(session, round);
    if (/internal error/.test(session.stderr)) throw new Error(session.stderr);
  } catch (error) {
    session.kill();
    throw new Error(`fuzzing failed in ${JSON.stringify(round)}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  } finally {
    clearTimeout(limit);
  }
}

/** Frames stay whole, so it is known how many responses must come, and that each undamaged request is answered. */
async function damageBodies(session: FuzzSession, { framing, seed }: Round): Promise<void> {
  const random = new Random(seed);
  const bodies: Buffer[] = [];
  const ids: string[] = [];
  for (let n = 0; n < MESSAGES; n++) {
    const { text, id } = freshMessage(random);
    let body: Buffer = Buffer.from(text);
    if (random.chance(2)) {
      body = mutate(body, random);
      if (framing === "lines") body = Buffer.from(body.filter((byte) => byte !== 0x0a && byte !== 0x0d));
    } else if (id !== undefined) {
      ids.push(id);
    }
    const isBlank = framing === "lines" && body.every((byte) => byte === 0x20 || byte === 0x09);
    if (!isBlank) bodies.push(body);
  }
  const expected = bodies.reduce((sum, body) => sum + expectedResponses(body), 0);
  const stream = Buffer.concat(bodies.map((body) => session.frame(body)));
  for (const chunk of split(stream, random)) await session.send(chunk);
  await session.responded(expected);
  await session.end();

  if (session.responses.length !== expected) {
    throw new Error(`${session.responses.length} responses, ${expected} expected`);
  }
  const answered = new Set(session.responses.map(({ id }) => id));
  const missing = ids.filter((id) => !answered.has(id));
  if (missing.length > 0) throw new Error(`no response for ${missing.join(", ")}`);
}

/** Anything may be lost with the frames that are damaged; nothing may crash, hang, or be answered that was not asked. */
async function damageStream(session: FuzzSession, { seed }: Round): Promise<void> {
  const random = new Random(seed);
  const frames = Array.from({ length: MESSAGES }, () => {
    const whole = session.frame(Buffer.from(freshMessage(random).text));
    return random.chance(3) ? mutate(whole, random) : whole;
  });
  const stream = Buffer.concat(frames);
  for (const chunk of split(stream, random)) await session.send(chunk);
  await session.end();
  requireAsked(session, stream);
}

/** @throws Error where an id was answered more often than it stands in what was sent */
function requireAsked({ responses }: FuzzSession, stream: Buffer): void {
  const times = Map.groupBy(responses, ({ id }) => id);
  for (const [id, { length }] of times) {
    if (id === "null") continue; // whatever is damaged is answered so
    const sent = occurrences(stream, Buffer.from(id));
    if (length > sent) throw new Error(`${length} responses with the id ${id}, which was sent ${sent} times`);
  }
}

function occurrences(stream: Buffer, text: Buffer): number {
  let count = 0;
  for (let at = stream.indexOf(text); at >= 0; at = stream.indexOf(text, at + 1)) count++;
  return count;
}
