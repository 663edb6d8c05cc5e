// Owns the first life of a confined worker: it confines itself and becomes the worker proper (confinement/birth.ts).

import { beBorn, confineBeforeBirth } from "../confinement/birth.ts";
import type { PrivatePaths } from "../confinement/files.ts";
import type { Confinement } from "../confinement/policy.ts";
import { ADDON_DESCRIPTOR } from "../packed/addon.ts";
import { workerCommand } from "../self.ts";
import { dieWithBroker } from "./broker.ts";
import { ANSWERS_DESCRIPTOR, BOARD_DESCRIPTOR, REQUESTS_DESCRIPTOR } from "./frames.ts";

/** What a worker that is to be confined is started with. */
export interface Birth {
  readonly confinement: Confinement;
  /** Absent where there is no directory to make one in. */
  readonly own?: PrivatePaths | undefined;
}

/** @param args those of the worker proper, and a Birth as JSON */
export function becomeConfinedWorker(brokerPid: string, maxResultBytes: string, birth: string): never {
  dieWithBroker(Number(brokerPid));
  const { confinement, own }: Birth = JSON.parse(birth);
  const born = JSON.stringify(confineBeforeBirth(confinement, own));
  const { file, args } = workerCommand("worker", brokerPid, maxResultBytes, born);
  return beBorn(file, args, [0, 1, 2, REQUESTS_DESCRIPTOR, ANSWERS_DESCRIPTOR, BOARD_DESCRIPTOR, ADDON_DESCRIPTOR]);
}
