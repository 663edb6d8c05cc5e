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
      ids.push(JSON.stringify(JSON.parse(id)));
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
  for (const chunk of split(Buffer.concat(frames), random)) await session.send(chunk);
  await session.end();
}
