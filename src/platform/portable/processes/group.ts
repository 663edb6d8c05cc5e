// Owns a command and all that it starts.

import {
  type Group,
  type GroupOptions,
  startGroup as startPosixGroup,
} from "../../both-halves/processes/posix-group.ts";
import { startJob } from "../../windows/processes/group.ts";
import { system } from "../program/system.ts";

export const startGroup: (command: string, args: readonly string[], options: GroupOptions) => Group =
  system === "windows" ? startJob : startPosixGroup;
