// Stands in for the package koffi in the packed program's broker: the addon is unpacked, and leaves nothing behind.

import { unpackAddon } from "./unpack.ts";

export default unpackAddon();
