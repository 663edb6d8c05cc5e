// Owns who else may change a file or directory (T3): by access control lists on Windows, elsewhere by permission bits.

import * as bits from "../../both-halves/files/permission-bits.ts";
import * as lists from "../../windows/security/permissions.ts";
import { system } from "../program/system.ts";

export const { changeableByOthers, foreignOwner, wayWritableByOthers, writableByOthers } =
  system === "windows" ? lists : bits;
