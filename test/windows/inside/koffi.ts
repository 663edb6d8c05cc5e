// Stands in for the package koffi, which is there for Linux only: its addon for Windows.

import { createRequire } from "node:module";

export default createRequire(import.meta.url)("Z:\\work\\koffi.node");
