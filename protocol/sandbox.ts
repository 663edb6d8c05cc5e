// What a plugin may do beside computing (SPEC section 4, Sandbox): as a load asks for it, and as plugin.json declares it.

import * as z from "zod/mini";
import { about, named } from "./documentation.ts";

/** The names of the profiles (S2). */
export const sandboxProfile = () => z.enum(["none", "standard", "strict"]);

/** A TiB. */
export const MOST_MEMORY_MB = 1024 * 1024;

const permissions = {
  profile: about(
    "What the others start from (S2): `standard` writes to the workspace and reaches nothing outside, `strict` also reads little, `none` is not confined. Default: that of --sandbox.",
    z.optional(sandboxProfile()),
  ),
  network: about("Whether the plugin may use the internet. Default: false.", z.optional(z.boolean())),
  exec: about(
    "Whether the plugin may start programs, confined as it is itself. Default: false.",
    z.optional(z.boolean()),
  ),
  gpu: about(
    "Whether the plugin may use graphics cards: their devices, and what their drivers need (S10). Default: false.",
    z.optional(z.boolean()),
  ),
  read: about(
    "Directories and files that the plugin may read, too; relative to workspaceRoot, else to the working directory.",
    z.optional(z.array(z.string().check(z.minLength(1)))),
  ),
  write: about(
    "Directories and files that the plugin may read and write to, too; relative as `read` is.",
    z.optional(z.array(z.string().check(z.minLength(1)))),
  ),
  memoryMb: about(
    "How much memory the plugin's processes may use together, in MiB (S5). Default: 1024.",
    z.optional(z.int().check(z.positive(), z.lte(MOST_MEMORY_MB))),
  ),
};

export const Permissions = named(
  "Permissions",
  "What a plugin says in its plugin.json that it needs. It is shown, and never granted by itself (S7).",
  z.strictObject(permissions),
);
export type Permissions = Readonly<z.infer<typeof Permissions>>;

const { profile: _, ...grants } = permissions;

export const NeededGrants = named(
  "NeededGrants",
  "What would have to be granted beside what is, put together, in the form of Sandbox (S21).",
  z.strictObject(grants),
);
export type NeededGrants = Readonly<z.infer<typeof NeededGrants>>;

export const Sandbox = named(
  "Sandbox",
  "How a plugin is to be confined.",
  z.strictObject({
    ...permissions,
    require: about(
      "Whether the load fails with SANDBOX_UNAVAILABLE where something of this cannot be enforced; else that is a warning.",
      z.optional(z.boolean()),
    ),
    explain: about(
      "Whether it is recorded what the plugin is refused (S21). For development: calls of the system are slower. Default: false.",
      z.optional(z.boolean()),
    ),
  }),
);
export type Sandbox = z.infer<typeof Sandbox>;
