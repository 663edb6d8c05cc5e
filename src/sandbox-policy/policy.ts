// Confinement: what a plugin's processes may do (S2).

import type { Sandbox } from "../../protocol/messages.ts";
import type { Explanation } from "./explanation.ts";
import type { Grant } from "./grants.ts";

export type Profile = NonNullable<Sandbox["profile"]>;

/** From the loosest to the strictest. */
export const profiles = ["none", "standard", "strict"] as const satisfies readonly Profile[];

export interface Confinement {
  readonly profile: Profile;
  readonly network: boolean;
  readonly exec: boolean;
  readonly gpu: boolean;
  /** What may be read beside what the profile itself lets it read. */
  readonly read: readonly Grant[];
  /** What may be read and written to: the workspace and what was granted. */
  readonly write: readonly Grant[];
  readonly memoryMb: number;
  /** Whether it is better not to load at all than with less. */
  readonly require: boolean;
  /** Where it is recorded what is refused; absent where nobody asked for that. */
  readonly explanation?: Explanation;
}

/** MiB that a plugin may use where nobody says otherwise. */
export const DEFAULT_MEMORY_MB = 1024;

export const unconfined: Confinement = {
  profile: "none",
  network: true,
  exec: true,
  gpu: true,
  read: [],
  write: [],
  memoryMb: 0,
  require: false,
};

/** Whether it may read all that dlrpc may, by its profile or as that was granted. */
export function readsEverything({ profile, read, write }: Confinement): boolean {
  return profile !== "strict" || [...read, ...write].some(({ path }) => path === "/");
}

export function isLooser(profile: Profile, than: Profile): boolean {
  return profiles.indexOf(profile) < profiles.indexOf(than);
}

export function stricter(one: Profile, other: Profile): Profile {
  return isLooser(one, other) ? other : one;
}
