// What `error.data` holds, as the contract's document has it.

import * as z from "zod/mini";
import { about, named } from "./documentation.ts";
import { type ErrorKind, errorKinds } from "./error-kinds.ts";
import { errorMembers } from "./error-members.ts";

export const ErrorData = named(
  "ErrorData",
  "What `error.data` holds: always `kind`, the others where they are known.",
  z.looseObject({
    kind: about("The error's stable name.", z.enum(Object.keys(errorKinds) as ErrorKind[])),
    ...errorMembers,
  }),
);
