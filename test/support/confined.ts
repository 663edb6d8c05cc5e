// Confined plugins as scenarios: as which user dlrpc runs, what lies around that must not be reached, what an attempt met.

import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { Host, type HostOptions } from "./host.ts";
import { plugin, projectRoot } from "./paths.ts";

/** Nobody's number on most systems. */
const ORDINARY = 65534;

export interface User {
  name: string;
  uid: number;
  /** The command that makes a program run as this user. */
  through: readonly string[];
}

const here = process.getuid?.() ?? 0;
const ordinary = ["setpriv", `--reuid=${ORDINARY}`, `--regid=${ORDINARY}`, "--clear-groups"];

/** Root and an ordinary user; where one of them cannot run the tests, only the other. */
export const users: readonly User[] =
  here === 0 && !isClosedToOthers()
    ? [
        { name: "root", uid: 0, through: [] },
        { name: "an ordinary user", uid: ORDINARY, through: ordinary },
      ]
    : [{ name: here === 0 ? "root" : "an ordinary user", uid: here, through: [] }];

/** Whether no ordinary user can get at this repository, as beneath /root: root's tests as one are left out then. */
export function isClosedToOthers(): boolean {
  if (here !== 0 || process.env.CI === "true") return false;
  return (
    spawnSync(ordinary[0] as string, [...ordinary.slice(1), "test", "-r", join(projectRoot, "package.json")]).status !==
    0
  );
}

export const isRoot = ({ uid }: User) => uid === 0;

const standIn = join(projectRoot, "test", "support", "stand-in-devices.sh");

/** The command that makes a program run as this user where a graphics card seems to be; only root can. @param scratch an empty directory */
export const withCard = ({ through }: User, scratch: string): readonly string[] => [
  ...["unshare", "--mount", "sh", standIn, scratch],
  ...through,
];

/** A workspace and what lies outside of it, all of it the user's own. */
export class Surroundings implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-surroundings-")));
  readonly workspace = this.directory("workspace");
  readonly outside = this.directory("outside");
  readonly home = this.directory("home");
  /** A file that is none of the plugin's business. */
  readonly file = this.write("outside/file");
  private readonly user: User;

  constructor(user: User) {
    this.user = user;
    chmodSync(this.path, 0o755);
    for (const path of [this.workspace, this.outside, this.home, this.file]) this.own(path);
  }

  directory(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path);
    return path;
  }

  write(name: string): string {
    const path = join(this.path, name);
    writeFileSync(path, "as it was");
    return path;
  }

  /** Gives a file to the user. */
  own(path: string): string {
    if (here === 0) chownSync(path, this.user.uid, this.user.uid);
    return path;
  }

  /**
   * A host of this user.
   * @param notifications what it wants to be told
   * @param workspaceRoot what it says its workspace is
   */
  async host(
    { env, ...options }: HostOptions = {},
    notifications: readonly string[] = [],
    workspaceRoot = this.workspace,
  ): Promise<Host> {
    const host = new Host({ through: this.user.through, env: { HOME: this.home, ...env }, ...options });
    await host.result("initialize", { workspaceRoot, notifications });
    return host;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

export async function loadAttack(host: Host, sandbox: object): Promise<string> {
  return (await host.result("plugin/load", { path: plugin("attack"), sandbox })).handle;
}

const errnoNames = Object.fromEntries(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** What came of one attempt: `done`, the name of an errno, or how the plugin's process ended. */
export async function attempt(
  host: Host,
  handle: string,
  input: { do: string; [member: string]: unknown },
): Promise<string> {
  const { result, error } = await host.request("plugin/execute", { handle, input });
  if (error !== undefined) return String(error.data.signal ?? error.data.kind);
  const { errno } = result.output;
  return errno === 0 ? "done" : (errnoNames[errno]?.replace("EWOULDBLOCK", "EAGAIN") ?? `errno ${errno}`);
}
