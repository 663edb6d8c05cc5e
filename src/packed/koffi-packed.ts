// Stands in for the package koffi in the packed program: the loader needs a file for the addon, and nothing native that
// could make one in memory is there yet.

import { loadAddon } from "#carrier/program/load-addon";
import { packedFile } from "../carrier/program-parts.ts";

export default loadAddon("koffi", packedFile("koffi.node"));
