// Owns workers that were compiled on this machine (`dlrpc build-worker`) for systems that dlrpc is not shipped with one for.

import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { log } from "../observe/log.ts";
import { requirePart } from "../self.ts";
import { workerSources } from "./compile.ts";
import { userPlaces } from "./user-places.ts";

const WRITABLE_BY_OTHERS = 0o022;

/** @returns undefined where none was compiled from these sources */
export function builtWorker(target: string): Buffer | undefined {
  const place = placeOf(target);
  if (!existsSync(place)) return undefined;
  const descriptor = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { uid, mode } = fstatSync(descriptor);
    if (uid === process.geteuid?.() && (mode & WRITABLE_BY_OTHERS) === 0) return readFileSync(descriptor);
    log("warn", `${place} is not used: it belongs to another user, or others may write to it`);
    return undefined;
  } finally {
    closeSync(descriptor);
  }
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
