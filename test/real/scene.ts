// Owns a real plugin as a scene: loaded under a profile, in a workspace, called as often at once as it waits for.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RealPlugin, realPlugins } from "../../fixtures/real.ts";
import type { NeededGrants, Sandbox } from "../../protocol/messages.ts";
import { profiles } from "../../src/sandbox-policy/policy.ts";
import { buildOnDemand } from "../support/build-on-demand.ts";
import { exited } from "../support/calls.ts";
import { Host, type HostOptions } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { TemporaryDirectory } from "../support/temporary-directory.ts";
import { type Expected, type Place, TOGETHER } from "./expected.ts";
import { Site } from "./site.ts";

await buildOnDemand("real");

/** A machine of a developer may lack what some are built with, which the end of `npm test` says; CI has it all. */
const built = realPlugins.filter((name) => process.env.CI === "true" || existsSync(join(plugin("real"), name)));

/** Each plugin that is here, under each profile. */
export const rows = built.flatMap((name) => profiles.map((profile) => ({ name, profile })));

export class Scene implements Place, AsyncDisposable {
  readonly workspace = new TemporaryDirectory();
  /** The user's. */
  private readonly home = new TemporaryDirectory();
  readonly host: Host;
  private handle = "";
  private ownSite: Site | undefined;

  private constructor(options: HostOptions) {
    writeFileSync(join(this.home.path, ".gitconfig"), "[user]\n\tname = Ada\n\temail = ada@site.test\n");
    const env = { HOME: this.home.path };
    this.host = new Host({ args: ["--concurrency", String(TOGETHER)], env, ...options });
  }

  /** @param sandbox may grant `~`, which is the user's home */
  static async of(name: RealPlugin, granted: Sandbox, options: HostOptions = {}): Promise<Scene> {
    const scene = new Scene(options);
    const atHome = (paths: readonly string[] = []) => paths.map((path) => (path === "~" ? scene.home.path : path));
    const sandbox = { ...granted, read: atHome(granted.read), write: atHome(granted.write) };
    await scene.host.result("initialize", { workspaceRoot: scene.workspace.path, notifications: ["log", "exited"] });
    scene.handle = await scene.host.load(`real/${name}`, { sandbox });
    return scene;
  }

  /** The same grants for the next scene, whose home is another. */
  forHome(grants: NeededGrants): NeededGrants {
    const abstract = (paths: readonly string[]) =>
      paths.map((path) => (path === this.home.path ? "~" : path)).filter((path) => !path.startsWith(this.home.path));
    const { read, write } = grants;
    return { ...grants, ...(read && { read: abstract(read) }), ...(write && { write: abstract(write) }) };
  }

  async site(): Promise<Site> {
    this.ownSite ??= await Site.open(this.workspace.path);
    return this.ownSite;
  }

  /** Makes the calls at once. @returns the outputs, and for calls without one all that is known of them, ordered */
  async call({ input = {}, outputs }: Expected, params: object = {}): Promise<unknown[]> {
    const ids = outputs.map(() => this.host.start("plugin/execute", { handle: this.handle, input, ...params }));
    const answers = await Promise.all(ids.map((id) => this.host.answer(id)));
    return ordered(answers.map(({ result, error }) => (result?.success === true ? result.output : (error ?? result))));
  }

  /** @returns how its process has ended */
  async unload(): Promise<Record<string, unknown>> {
    await this.host.result("plugin/unload", { handle: this.handle });
    return exited(this.host, this.handle);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host[Symbol.asyncDispose]();
    this.ownSite?.[Symbol.dispose]();
    this.workspace[Symbol.dispose]();
    this.home[Symbol.dispose]();
  }
}

export function ordered(outputs: readonly unknown[]): unknown[] {
  return outputs.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}
