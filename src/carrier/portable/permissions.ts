// Owns who else may change a file or directory (T3): by access control lists on Windows, elsewhere by permission bits.

import * as bits from "../permission-bits.ts";
import { system } from "./system.ts";
import * as lists from "./windows/permissions.ts";

export const { changeableByOthers, foreignOwner, wayWritableByOthers, writableByOthers } =
  system === "windows" ? lists : bits;
