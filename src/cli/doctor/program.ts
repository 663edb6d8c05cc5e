// Owns what `dlrpc doctor` says of dlrpc itself: what it runs on, and whether it has the program that plugins run in.

import { release } from "node:os";
import { isSea } from "node:sea";
import { ownCLibrary } from "#carrier/system";
import { DlrpcError } from "../../../protocol/errors.ts";
import { runnableMemoryFile } from "../../carrier/linux/descriptors.ts";
import { placesToRunFrom } from "../../carrier/linux/nameless-file.ts";
import { workerProgram, workerTarget } from "../../carrier/worker-program.ts";
import { hasOwnProc, NO_PROC } from "../../observe/own-proc.ts";
import { ownPlatform } from "../../plugins/platform-directory.ts";
import { bad, type Check, note, ok } from "../../sandbox/check.ts";
import { version } from "../../version.ts";

const LEAST_NODE = 22;

export function programChecks(): Check[] {
  return [
    node(),
    process.platform === "linux"
      ? ok("platform", `${ownPlatform}, Linux ${release()}, ${ownCLibrary}`)
      : bad("platform", `${ownPlatform}: plugins load on Linux only, so far`, "Run dlrpc on Linux."),
    worker(),
    ...(process.platform === "linux" ? [memory(), ...places(), proc()] : []),
  ];
}

function node(): Check {
  const found = `${version}, ${isSea() ? "one file with" : "on"} Node ${process.version}`;
  if (Number.parseInt(process.versions.node, 10) >= LEAST_NODE) return ok("dlrpc", found);
  return bad("dlrpc", found, `Install Node ${LEAST_NODE} or later, or use the one file, which brings its own.`);
}

/** Getting it ready is all the proof there is. */
function worker(): Check {
  try {
    workerProgram();
    return ok("worker", `the program that plugins run in is there for ${workerTarget()}`);
  } catch (error) {
    if (!(error instanceof DlrpcError)) throw error;
    const { message, data } = error.toJSON();
    return bad("worker", message, typeof data.hint === "string" ? data.hint : "Set TMPDIR to where files may be run.");
  }
}

function memory(): Check {
  try {
    runnableMemoryFile("dlrpc-doctor"); // until this process ends
    return ok("memory files", "programs are run from memory, whatever directories allow");
  } catch (error) {
    const found = `programs in memory are not to be run (${error instanceof Error ? error.message : error})`;
    return note(
      "memory files",
      found,
      "They are run from a directory: see the next lines. vm.memfd_noexec may allow it.",
    );
  }
}

/** Of the directories for files that are run one is enough. */
function places(): Check[] {
  const found = placesToRunFrom();
  const usable = found.flatMap(([directory, refusal]) => (refusal === undefined ? [directory] : []));
  const refused = found.flatMap(([directory, refusal]) => (refusal === undefined ? [] : [`${directory}: ${refusal}`]));
  const remedy = "Set TMPDIR to a directory where files may be written and run.";
  return [
    usable.length > 0
      ? ok("directories", `files may be run from ${usable.join(", ")}`)
      : bad("directories", "files may be run from none of those that are tried", remedy),
    ...refused.map((text) => note("directories", text)),
  ];
}

function proc(): Check {
  if (hasOwnProc()) return ok("/proc", "it is of this PID namespace");
  return bad("/proc", NO_PROC, "Mount the /proc of this PID namespace: mount -t proc proc /proc");
}
