// Stands in for the package koffi where dlrpc runs from files: its addon straight from where npm puts it. The package looks
// around before it loads the same, for a fifth of the time that dlrpc takes to start; it does so where that is needed.

import { nodePlatform } from "../platform/node-platform.ts";

const addon = nodePlatform.replace("-", "_");

function load(): unknown {
  try {
    return module.require(`@koromix/koffi-${nodePlatform}/${addon}/koffi.node`);
  } catch {
    return module.require("koffi"); // another system, or another place: it says what is wrong where anything is
  }
}

export default load();
