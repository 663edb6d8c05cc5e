// What `dlrpc doctor` says of what authors need of this machine.

import { spawnSync } from "node:child_process";
import { system } from "#platform/program/system";
import { ownCompiler } from "../../../platform/worker-program/compile-own.ts";
import { isMicrosofts } from "../../../platform/worker-program/compile-windows.ts";
import { type Check, note, ok } from "../../../sandbox/doctor-check.ts";

export function compilerCheck(): Check {
  const command = process.env.CC || ownCompiler();
  const [file = "", ...args] = command.split(/\s+/);
  const asking = isMicrosofts(command) ? [] : ["--version"]; // cl says its version, on stderr, when it is asked nothing
  const { error, stdout, stderr, status } = spawnSync(file, [...args, ...asking], { encoding: "utf8" });
  const [first = ""] = (stdout || stderr || "").split(/\r?\n/);
  if (error === undefined && status === 0) return ok("compiler", `${command}: ${first}`);
  return note("compiler", `\`${command}\` cannot be run; authors of plugins need one`, REMEDY[system]);
}

const REMEDY = {
  linux: "Install gcc or clang, or set CC.",
  macos: "xcode-select --install, or set CC.",
  windows: "Run dlrpc in a Developer Command Prompt, which has cl; or install gcc or clang, or set CC.",
};
