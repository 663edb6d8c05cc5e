// Stands in for the package koffi in the packed program: nothing native is there yet that could make its file in memory.

import { loadAddon } from "#carrier/program/load-addon";
import { packedFile } from "../carrier/program-parts.ts";

export default loadAddon("koffi", packedFile("koffi.node"));
