// Owns loading koffi's native addon in the packed program: the loader needs a file, and nothing native that could make one
// in memory is there yet.

import { closeSync } from "node:fs";
import { namelessFile } from "../native/nameless-file.ts";
import { addonBytes, loadAddon } from "./addon.ts";

/** @throws NoDirectory where no directory can hold it for that moment */
export function unpackAddon(): unknown {
  let addon: unknown;
  const load = (path: string) => {
    addon = loadAddon(path);
  };
  closeSync(namelessFile(addonBytes(), load));
  return addon;
}
