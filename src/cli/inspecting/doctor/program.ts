// What `dlrpc doctor` says of dlrpc itself: what it runs on, and whether it has the program that plugins run in.

import { release, type } from "node:os";
import { isSea } from "node:sea";
import { ownCLibrary } from "#platform/program/system";
import { DlrpcError } from "../../../../protocol/errors.ts";
import { version } from "../../../base/version.ts";
import { workerProgram, workerTarget } from "../../../platform/worker-program/worker-program.ts";
import { ownPlatform } from "../../../plugins/libraries/platform-directory.ts";
import { bad, type Check, ok } from "../../../sandbox/doctor-check.ts";

const LEAST_NODE = 22;

export function programChecks(): Check[] {
  return [
    node(),
    ok(
      "platform",
      [ownPlatform, `${type()} ${release()}`, ...(ownCLibrary === undefined ? [] : [ownCLibrary])].join(", "),
    ),
    worker(),
  ];
}

function node(): Check {
  const found = `${version}, ${isSea() ? "single executable with" : "on"} Node ${process.version}`;
  if (Number.parseInt(process.versions.node, 10) >= LEAST_NODE) return ok("dlrpc", found);
  return bad("dlrpc", found, `Install Node ${LEAST_NODE} or later, or use the single executable, which has its own.`);
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
