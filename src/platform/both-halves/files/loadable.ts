// Loadable: one library's private copy, as a worker loads it.

export interface Loadable extends Disposable {
  /** What a worker is to have open; undefined where it loads the file by its name. */
  readonly descriptor: number | undefined;
  /** What the system calls the file in a process that has loaded it. */
  readonly name: string;
  /** By what this process can open it, where that is not its name. */
  readonly openAs: string | undefined;
  /** The name by which process `pid` loads it. */
  readonly pathFor: (pid: number) => string;
}
