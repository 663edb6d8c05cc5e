// Confining one worker: by Landlock, seccomp, limits and supervision, as far as the kernel does it (S1).

import { Disposables } from "../../base/disposables.ts";
import { errorName } from "../../ffi/ffi.ts";
import { familyOf } from "../../platform/linux/processes/children.ts";
import { type ConfinementReport, noLayers, Reporter } from "../../sandbox-policy/report.ts";
import type { ConfinedProcess, ConfiningOptions } from "../confined-process.ts";
import { certificatePaths } from "../environment.ts";
import { MemoryWatch } from "../memory-watch.ts";
import { bytesOf, type Order, report } from "../orders.ts";
import { inOrder, landlockNames } from "./layers.ts";
import { makeWatchable, threadsOf, usedBytes } from "./memory-use.ts";
import { firstOrders, lastOrders } from "./orders.ts";
import { type FileRules, makeRuleset, type Ruleset } from "./rules/landlock.ts";
import { supervise, whyUnexplained } from "./supervise.ts";

const memoryUse = { familyOf, usedBytes, threadsOf };

export class Confining implements Disposable {
  /** Whether it may start processes: so may one that has not said how it is confined. */
  mayStartOthers = true;
  private readonly options: ConfiningOptions;
  private readonly reporter = new Reporter();
  private readonly rules: FileRules | undefined;
  private readonly held = new Disposables();
  private ruleset: Ruleset | undefined;
  private memory: MemoryWatch | undefined;

  /** @throws DlrpcError RESOURCES_EXHAUSTED */
  constructor(options: ConfiningOptions) {
    const { confinement, temporary, libraries, directory } = options;
    this.options = options;
    if (!this.isConfined) return;
    const own = { temporary, libraries, certificates: confinement.network ? certificatePaths() : [] };
    this.ruleset = this.reporter.attempt(landlockNames, () => makeRuleset(confinement, own, directory));
    this.rules = this.ruleset?.rules;
  }

  /** What the process is to have open at its start; undefined where there is no such thing. */
  get descriptor(): number | undefined {
    return this.ruleset?.descriptor;
  }

  /**
   * To be called when it is started; no code of a plugin has run yet.
   * @returns when it is under all layers that it can be put under @throws DlrpcError SANDBOX_UNAVAILABLE
   */
  confine(worker: ConfinedProcess): Promise<ConfinementReport> {
    using ruleset = this.ruleset; // the process has its own
    this.ruleset = undefined;
    if (!this.isConfined) return worker.order(bytesOf([])).then(() => noLayers);
    const itself = ruleset?.allowItself(worker.pid);
    if (itself !== undefined) this.held.use(itself);
    const orders = firstOrders(this.options.confinement, worker.pid, ruleset, this.reporter);
    return this.carryOut(worker, orders);
  }

  private async carryOut(worker: ConfinedProcess, orders: readonly Order[]): Promise<ConfinementReport> {
    const { reporter, rules } = this;
    const { confinement, temporary } = this.options;
    report(orders, await worker.order(bytesOf(orders)), reporter, errorName);
    this.memory = reporter.attempt(["limits"], () => {
      makeWatchable(worker.pid);
      return new MemoryWatch(confinement.memoryMb, worker, this, memoryUse, confinement.explanation);
    });
    const supervised = { pid: worker.pid, temporary, rules };
    const supervisor = reporter.attempt(["supervision"], () => supervise(confinement, supervised, reporter));
    if (supervisor !== undefined) this.held.use(supervisor);
    const unexplained = whyUnexplained(confinement, reporter);
    if (unexplained !== undefined) throw unexplained;
    const last = lastOrders(confinement, worker.pid, reporter);
    report(last, await worker.order(bytesOf(last)), reporter, errorName);
    this.mayStartOthers = confinement.exec || !reporter.has("seccomp");
    return inOrder(reporter);
  }

  /** So many threads serve calls from now on. */
  serves(threads: number): void {
    if (this.memory !== undefined) this.memory.servingThreads = threads;
  }

  /** Code of the plugin may run from now on. */
  begin(): void {
    this.memory?.begin();
  }

  /** It is about to end, and code of the plugin may run until then. */
  beginLast(): void {
    this.memory?.beginLast();
  }

  /** To be called when the process has ended, or was not started. */
  [Symbol.dispose](): void {
    this.ruleset?.[Symbol.dispose]();
    this.memory?.stop();
    this.held[Symbol.dispose]();
  }

  private get isConfined(): boolean {
    return this.options.confinement.profile !== "none";
  }
}
