// Owns workers that were compiled on this machine (`dlrpc build-worker`) for systems that dlrpc is not shipped with one for.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { OPEN_WITHOUT_LINK } from "#platform/files/opened-file";
import { changeableByOthers } from "#platform/files/permissions";
import { closing } from "../../base/closing.ts";
import { log } from "../../observe/log.ts";
import { requirePart } from "../program-parts.ts";
import { userPlaces } from "../user-places.ts";
import { workerSources } from "./compile.ts";

/** @returns undefined where none was compiled from these sources */
export function builtWorker(target: string): Buffer | undefined {
  const place = placeOf(target);
  if (!existsSync(place)) return undefined;
  const descriptor = openSync(place, OPEN_WITHOUT_LINK);
  using _ = closing(descriptor);
  const exposure = changeableByOthers(descriptor, place);
  if (exposure === undefined) return readFileSync(descriptor);
  log("warn", `${place} is not used: it ${exposure.found}`);
  return undefined;
}

/** Keeps one for this user. @returns where it is */
export function keepBuiltWorker(target: string, program: Buffer): string {
  const place = placeOf(target);
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
  const temporary = `${place}.${process.pid}`;
  writeFileSync(temporary, program, { mode: 0o700, flag: "wx" });
  renameSync(temporary, place);
  return place;
}

/** In the user's cache. */
export function builtWorkersDirectory(): string {
  return join(userPlaces().cache, "dlrpc", "workers");
}

/** By what it was compiled from: another version of dlrpc has other frames. */
function placeOf(target: string): string {
  const hash = createHash("sha256");
  for (const name of workerSources) hash.update(`${name}\0`).update(requirePart(`native/${name}`));
  return join(builtWorkersDirectory(), `${target}-${hash.digest("hex").slice(0, 16)}`);
}
