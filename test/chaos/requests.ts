// Requests of a round and what must come of each: one answer, of an expected kind, to the right id.

import type { Host, Message } from "../support/host.ts";

export interface Expectation {
  /** The kinds of answer that are right; `result` stands for a result. */
  readonly answers: readonly string[];
  /** More that must hold of the answer. @throws Error */
  check?(message: Message): void;
}

export interface Planned extends Expectation {
  readonly method: string;
  readonly params: object;
  /** Whether the host cancels it as soon as it is sent. */
  readonly isCancelled?: boolean;
}

/** The requests of a plan in short, in the order in which they were sent, with how they were answered so far. */
export function unanswered(host: Host, plan: readonly Planned[]): string {
  const answers = host.messages.filter(({ method }) => method === undefined);
  const first = Math.min(...answers.map(({ id }) => Number(id)));
  const lines = plan.map(({ method, params }, n) => {
    const answer = answers.find(({ id }) => id === first + n);
    return `${method} ${JSON.stringify(params).slice(0, 300)} ${answer?.text.slice(0, 200) ?? "IS NOT ANSWERED"}`;
  });
  return ["it was sent:", ...lines, ...host.messages.filter(({ method }) => method).map(({ text }) => text)].join("\n");
}

/** Sends them all, waits for their answers, and holds these against what was expected. */
export async function settle(host: Host, requests: readonly Planned[]): Promise<Message[]> {
  const ids = requests.map(({ method, params, isCancelled }) => {
    const id = host.start(method, params);
    if (isCancelled) host.notify("$/cancelRequest", { id });
    return id;
  });
  const messages: Message[] = [];
  for (const [n, id] of ids.entries()) {
    const message = await host.answer(id);
    judge(requests[n] as Planned, message);
    messages.push(message);
  }
  return messages;
}

function judge({ method, params, answers, check }: Planned, message: Message): void {
  const kind = message.error?.data.kind ?? "result";
  try {
    if (!answers.includes(kind)) throw new Error(`${answers.join(" or ")} was expected`);
    check?.(message);
  } catch (error) {
    const asked = `${method} ${JSON.stringify(params).slice(0, 300)}`;
    throw new Error(`${asked} was answered with ${message.text.slice(0, 600)}: ${error}`, { cause: error });
  }
}
