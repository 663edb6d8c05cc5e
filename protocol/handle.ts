// What stands for a loaded plugin, in both directions.

import * as z from "zod/mini";
import { named } from "./documentation.ts";

export const Handle = named(
  "Handle",
  "Stands for one loaded plugin. plugin/load makes it up; a host passes it on as it is and reads nothing into it (P2).",
  z.string(),
);

/** Where plugins run. There was another way once, and hosts that know of it need not change. */
export const isolation = () => z.enum(["process"]);
