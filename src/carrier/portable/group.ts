// Owns a command and all that it starts.

import { type Group, type GroupOptions, startGroup as startPosixGroup } from "../posix-group.ts";
import { system } from "./system.ts";
import { startJob } from "./windows/group.ts";

export const startGroup: (command: string, args: readonly string[], options: GroupOptions) => Group =
  system === "windows" ? startJob : startPosixGroup;
