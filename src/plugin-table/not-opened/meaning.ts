// Owns what is to be said of a library that did not open, whatever system says so (P9).

import type { LoadReason } from "../../../protocol/error-members.ts";
import { ownPlatform } from "../../plugins/libraries/platform-directory.ts";

export interface LoadMeaning {
  readonly reason?: LoadReason;
  /** Where it says more than the loader. */
  readonly message?: string;
  readonly hint: string;
  readonly needed?: string;
  readonly symbol?: string;
  readonly grant?: { readonly read: readonly string[] };
}

/** What is to be done about a library that is for another system or processor. */
export const forThisPlatform = (needed: string): string => `Install ${needed} for ${ownPlatform}.`;
