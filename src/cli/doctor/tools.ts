// Owns what `dlrpc doctor` says of what authors need of this machine.

import { spawnSync } from "node:child_process";
import { type Check, note, ok } from "../../sandbox/check.ts";

export function toolChecks(): Check[] {
  return [compiler()];
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
