// Stands in for the package koffi in the packed program's workers: the addon is what the broker has open for them.

import { workerData } from "node:worker_threads";
import { ADDON_DESCRIPTOR, loadAddon, pathOf } from "./addon.ts";

/** A thread of the broker is told where the broker has it open. */
const { addon = ADDON_DESCRIPTOR } = (workerData ?? {}) as { addon?: number };

export default loadAddon(pathOf(addon));
