// Stands in for the package koffi in the packed program: nothing native is there yet that could make its file in memory.

import { loadAddon } from "#platform/program/load-addon";
import { packedFile } from "../platform/program-parts.ts";

export default loadAddon("koffi", packedFile("koffi.node"));
