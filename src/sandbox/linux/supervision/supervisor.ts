// Answering for a plugin's processes the system calls that no filter can judge (seccomp_unotify(2)): those on modes,
// owners and times of files, and on the scheduling of threads. The filter asks about these only, and no other call waits,
// unless somebody wants to know what is refused: then it asks about all that may be.

import { closeSync } from "node:fs";
import { constants } from "node:os";
import { closing } from "../../../base/closing.ts";
import { Disposables } from "../../../base/disposables.ts";
import { log } from "../../../observe/log.ts";
import { withoutCapabilities } from "../../../platform/linux/kernel/capabilities.ts";
import { type Notification, NotificationListener } from "../../../platform/linux/kernel/notifications.ts";
import { areTogether, descriptorOf, openProcess } from "../../../platform/linux/processes/other-process.ts";
import { Watch, type Watcher } from "../../../platform/linux/streams/reactor.ts";
import type { Explanation } from "../../../sandbox-policy/explanation.ts";
import type { Grant } from "../../../sandbox-policy/grants.ts";
import { architectures, type SystemCall } from "../rules/system-calls.ts";
import { Caller } from "./caller.ts";
import type { Explainer, Verdict } from "./explainer.ts";
import { fileCalls } from "./file-calls.ts";
import { errnoOf } from "./refused.ts";
import { threadCalls } from "./thread-calls.ts";
import { WritablePlaces } from "./writable-places.ts";

const { EPERM } = constants.errno;

/** Then the event loop goes on: a plugin must not keep the others waiting. */
const MOST_AT_ONCE = 32;

/** Who says what is refused, and where it is recorded. */
export interface Explaining {
  readonly explainer: Explainer;
  readonly explanation: Explanation;
}

/** Made when something is first asked for. */
let names: ReadonlyMap<number, SystemCall> | undefined;

function nameOf(call: number): SystemCall | undefined {
  names ??= new Map(
    Object.entries(architectures[process.arch]?.numbers ?? {}).map(([name, number]) => [number, name as SystemCall]),
  );
  return names.get(call);
}

export class Supervisor implements Watcher, Disposable {
  private readonly descriptor: number;
  private readonly listener: NotificationListener;
  private readonly watch: Watch;
  private readonly places: WritablePlaces;
  private readonly explaining: Explaining | undefined;

  private constructor(descriptor: number, places: WritablePlaces, explaining: Explaining | undefined) {
    this.descriptor = descriptor;
    this.listener = new NotificationListener(descriptor);
    this.places = places;
    this.explaining = explaining;
    this.watch = new Watch(descriptor, this);
    this.watch.readable = true;
  }

  /**
   * Takes over the listener of a process, which must have no copy of it left when code of a plugin begins.
   * @param number its descriptor there
   * @param grants what its plugin may write to
   * @param explaining where it is asked about all that may be refused
   * @throws Error saying why it cannot be had
   */
  static take(pid: number, number: number, grants: readonly Grant[], explaining?: Explaining): Supervisor {
    using places = new Disposables();
    const writable = places.use(new WritablePlaces(grants));
    const process = openProcess(pid);
    using _ = closing(process);
    const descriptor = descriptorOf(process, number);
    places.defer(() => closeSync(descriptor));
    const supervisor = new Supervisor(descriptor, writable, explaining);
    places.move();
    return supervisor;
  }

  readable(): void {
    try {
      withoutCapabilities(() => this.answerSome());
    } catch (error) {
      log("error", `a plugin can no longer change modes and times of files: ${error}`);
      this[Symbol.dispose](); // nobody must wait for an answer that does not come
    }
  }

  writable(): void {}

  /** What waits then, or comes later, fails with ENOSYS. */
  [Symbol.dispose](): void {
    if (!this.watch.isOpen) return;
    this.watch.close();
    closeSync(this.descriptor);
    this.places[Symbol.dispose]();
  }

  private answerSome(): void {
    for (let count = 0; count < MOST_AT_ONCE; count++) {
      const news = this.listener.news();
      if (news === "never again") this.watch.readable = false;
      if (news !== "something") return;
      const notification = this.listener.receive();
      if (notification !== undefined) this.answer(notification);
    }
  }

  private answer(notification: Notification): void {
    const name = nameOf(notification.call);
    const verdict = this.explaining?.explainer.verdict(notification) ?? "ask";
    if (verdict === "ask") this.judge(notification, name);
    else {
      this.explain(notification, name, verdict);
      if (verdict === "pass") this.listener.letGoOn(notification);
      else this.listener.end(notification, verdict);
    }
  }

  private judge(notification: Notification, name: SystemCall | undefined): void {
    const threadAt = name === undefined ? undefined : threadCalls[name];
    if (threadAt !== undefined && this.isOwnThread(notification, threadAt)) {
      this.listener.letGoOn(notification);
      return;
    }
    const error = name === undefined ? EPERM : this.change(notification, name);
    this.explain(notification, name, error);
    this.listener.end(notification, error);
  }

  /** Before the answer: then what is found of the caller is found to be the caller's. */
  private explain(notification: Notification, name: SystemCall | undefined, verdict: Verdict): void {
    if (this.explaining === undefined || name === undefined) return;
    const refusals = this.explaining.explainer.refusals(name, notification, verdict);
    if (refusals.length === 0 || !this.listener.isWaiting(notification)) return;
    for (const refusal of refusals) this.explaining.explanation.add(refusal);
  }

  private isOwnThread(notification: Notification, index: number): boolean {
    const thread = notification.integer(index);
    return thread > 0 && areTogether(notification.thread, thread) && this.listener.isWaiting(notification);
  }

  /** @returns 0, or the errno that the call fails with */
  private change(notification: Notification, name: SystemCall): number {
    try {
      const caller = new Caller(notification.thread);
      const change = fileCalls[name]?.({ caller, arguments: notification, places: this.places });
      if (change === undefined) return EPERM;
      using _ = change.target;
      if (this.listener.isWaiting(notification)) change.make();
      return 0;
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === undefined) log("error", `${name} of a plugin was refused, as dlrpc failed: ${error}`);
      return errno ?? EPERM;
    }
  }
}
