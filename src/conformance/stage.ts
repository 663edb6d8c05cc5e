// What each step of a transcript does to the server under test.

import type { ChildProcess } from "node:child_process";
import { type Conversation, printable } from "./checks/conversation.ts";
import { JsonValue } from "./checks/json-value.ts";
import { Deviation, Responses, requireOneOf } from "./checks/judge.ts";
import { type Captures, describe, mismatch } from "./checks/match.ts";
import type { Received } from "./server/output-reader.ts";
import { endProcess, isAlive, startIdleProcess, until } from "./server/processes.ts";
import type { Subject } from "./server/subject.ts";
import type { Workplace } from "./server/workplace.ts";
import type { Step, StepAction, StepKind, Transcript } from "./transcript/format.ts";
import type { Pattern } from "./transcript/pattern.ts";
import type { Pieces } from "./transcript/pieces.ts";
import type { Variables } from "./transcript/variables.ts";

export interface StageOptions {
  readonly transcript: Transcript;
  readonly subject: Subject;
  readonly workplace: Workplace;
  readonly variables: Variables;
  readonly conversation: Conversation;
  /** Aborted when the transcript takes too long. */
  readonly limit: AbortSignal;
}

const SUCCESS: StepAction<"exit">["exit"] = { status: 0 };

export class Stage {
  /** The step that is performed, from 1; undefined after the last one. */
  step: number | undefined = 0;
  /** What is waited for, where something is. */
  waitsFor = "";
  private readonly options: StageOptions;
  private readonly responses = new Responses();
  private readonly processes = new Map<string, ChildProcess>();
  private loads = 0;
  private isOver = false;
  /** Whether the server cannot be blamed for an answer that is missing. */
  private isCutOff = false;
  private wasSignalled = false;

  constructor(options: StageOptions) {
    this.options = options;
  }

  /** @throws Deviation */
  async perform({ kind, action }: Step): Promise<void> {
    this.step = (this.step ?? 0) + 1;
    await (this.actions[kind] as (action: unknown) => void | Promise<void>)(action);
  }

  /** After the last step: the input is closed, nothing more comes, and the server ends well. @throws Deviation */
  async finish(): Promise<void> {
    this.step = undefined;
    if (this.isOver) return;
    this.options.subject.close("stdin");
    await this.requireEnd(SUCCESS);
  }

  /** Ends what the transcript has started beside the server. */
  async leave(): Promise<void> {
    for (const process of this.processes.values()) await endProcess(process);
  }

  private readonly actions: { [K in StepKind]: (action: StepAction<K>) => void | Promise<void> } = {
    send: ({ send, body = "", chunk }) => {
      const { variables } = this.options;
      const content = variables.expandPieces(body);
      return this.send(Buffer.concat([variables.expandPieces(send, { length: `${content.length}` }), content]), chunk);
    },
    message: ({ message, chunk }) => this.send(this.framed(this.options.variables.expandPieces(message)), chunk),
    request: ({ request }) => this.request(request.id, request.method, request.params),
    notification: ({ notification: { method, params } }) => this.sendJson({ jsonrpc: "2.0", method, params }),
    load: async ({ load, as = "handle" }) => {
      const id = `load ${++this.loads}`;
      await this.request(id, "plugin/load", load);
      await this.expect({ id, result: { handle: { $type: "string", $capture: as } } });
    },
    expect: async ({ expect, frame, times }) => {
      for (let left = times; left > 0; left--) this.requireFrame(frame, await this.expect(expect));
    },
    expectAll: async ({ expectAll }) => {
      const left = expectAll.map((pattern) => this.options.variables.expand(pattern));
      while (left.length > 0) {
        this.waitsFor = left.map(describe).join(" and ");
        this.keep(requireOneOf(left, await this.receive()));
      }
    },
    reading: ({ reading }) => {
      this.options.conversation.happened(reading ? "reads again" : "does not read");
      this.options.subject.read(reading);
    },
    close: ({ close }) => {
      this.options.conversation.happened(`closed ${close}`);
      this.isCutOff ||= close === "stdout";
      this.options.subject.close(close);
    },
    signal: ({ signal }) => {
      this.options.conversation.happened(`sent ${signal}`);
      this.isCutOff ||= signal === "SIGKILL" || this.wasSignalled; // a second one ends the server at once (L4)
      this.wasSignalled = true;
      this.options.subject.signal(signal);
    },
    exit: ({ exit }) => this.requireEnd(exit),
    files: ({ files }) => this.options.workplace.apply(files),
    awaitFile: ({ awaitFile }) => {
      this.waitsFor = `the file ${awaitFile}`;
      return until(() => this.options.workplace.has(awaitFile), this.options.limit);
    },
    noFile: ({ noFile }) => {
      if (this.options.workplace.has(noFile)) throw new Deviation(`the file ${noFile}`, "no such file");
    },
    process: async ({ process: name }) => {
      const idle = await startIdleProcess();
      this.processes.set(name, idle);
      this.options.variables.set(name, idle.pid as number);
    },
    endProcess: async ({ endProcess: name }) => {
      const idle = this.processes.get(name);
      if (idle === undefined) throw new Error(`no process is called ${name}`);
      await endProcess(idle);
    },
    ended: async ({ ended, withinMs = Number.POSITIVE_INFINITY }) => {
      const pid = this.options.variables.expand(ended);
      this.waitsFor = `the end of process ${pid}`;
      const begun = performance.now();
      await until(() => !isAlive(Number(pid)), this.options.limit);
      const took = performance.now() - begun;
      if (took > withinMs)
        throw new Deviation(`process ${pid} ended after ${took} ms`, `its end within ${withinMs} ms`);
    },
  };

  private request(id: Pattern, method: string, params: Pattern | undefined): void {
    this.responses.asked(JSON.stringify(id));
    this.sendJson({ jsonrpc: "2.0", id, method, params });
  }

  private sendJson({ params, ...message }: Readonly<Record<string, Pattern | undefined>>): void {
    const expanded = params === undefined ? {} : { params: this.options.variables.expand(params) };
    void this.send(this.framed(Buffer.from(JSON.stringify({ ...message, ...expanded }))), undefined);
  }

  private framed(body: Buffer): Buffer {
    if (this.options.transcript.framing === "lines") return Buffer.concat([body, Buffer.from("\n")]);
    return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
  }

  private send(bytes: Buffer, chunk: number | undefined): void | Promise<void> {
    this.options.conversation.sent(bytes);
    if (chunk === undefined) this.options.subject.send(bytes);
    else return this.options.subject.sendInChunks(bytes, chunk);
  }

  private async receive(): Promise<Received | undefined> {
    const message = await this.options.subject.next();
    if (message !== undefined) this.options.conversation.received(message.frame);
    if (message?.json !== undefined) this.responses.came(message.json);
    return message;
  }

  private async expect(pattern: Pattern): Promise<Received> {
    const expanded = this.options.variables.expand(pattern);
    this.waitsFor = describe(expanded);
    const message = await this.receive();
    this.keep(requireOneOf([expanded], message));
    return message as Received;
  }

  private requireFrame(frame: Pieces | undefined, message: Received): void {
    if (frame === undefined) return;
    const { body } = message;
    const parts = { length: `${body.length}`, body: body.toString("utf8") };
    const needed = this.options.variables.expandPieces(frame, parts);
    if (needed.equals(message.frame)) return;
    throw new Deviation(`the bytes ${printable(message.frame)}`, `the bytes ${printable(needed)}`);
  }

  private keep(captures: Captures): void {
    for (const [name, value] of captures) this.options.variables.set(name, value);
  }

  private async requireEnd({ status, signal }: StepAction<"exit">["exit"]): Promise<void> {
    const { subject } = this.options;
    this.isOver = true;
    this.waitsFor = "the end of the output, and of the server";
    const message = await this.receive();
    if (message !== undefined) {
      throw new Deviation(`a message that no step expects: ${printable(message.frame)}`, "the end of the output");
    }
    const end = await subject.exit;
    this.options.conversation.happened(`the server ended (${end.signal ?? `status ${end.status}`})`);
    const wanted: Pattern = { ...(status !== undefined && { status }), ...(signal !== undefined && { signal }) };
    const wrong = mismatch(wanted, JsonValue.read(Buffer.from(JSON.stringify(end))), new Map());
    if (wrong !== undefined)
      throw new Deviation(`${wrong.path} ${wrong.found} at its end`, `${wrong.path} ${wrong.needed}`);
    if (!this.isCutOff) this.responses.requireOneEach();
  }
}
