// Owns what `dlrpc doctor` says of what authors, and plugins for graphics cards, need of this machine.

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { gpuDevices } from "../../confinement/gpu.ts";
import { type Check, note, ok } from "../../sandbox/check.ts";

export function toolChecks(): Check[] {
  return [compiler(), gpu()];
}

function compiler(): Check {
  const command = process.env.CC || "cc";
  const [file = "", ...args] = command.split(/\s+/);
  const { error, stdout, status } = spawnSync(file, [...args, "--version"], { encoding: "utf8" });
  const [first = ""] = (stdout ?? "").split("\n");
  if (error === undefined && status === 0) return ok("compiler", `${command}: ${first}`);
  return note(
    "compiler",
    `\`${command}\` cannot be run; authors of plugins need one`,
    "Install gcc or clang, or set CC.",
  );
}

function gpu(): Check {
  const there = gpuDevices().filter((path) => existsSync(path));
  if (there.length === 0) return note("graphics cards", "there is no device of one");
  const closed = there.filter((path) => !isOpen(path));
  if (closed.length === 0) return ok("graphics cards", there.join(", "));
  return note(
    "graphics cards",
    `${closed.join(", ")} may not be used by this user`,
    "Let the user be of their group: ls -l /dev/dri",
  );
}

function isOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
