// The documents of plugin ABI v1 (SPEC section 7): plugin.json, metadata, and what they must hold.

import * as z from "zod/mini";
import { namePattern } from "./abi-names.ts";
import { about } from "./documentation.ts";

const nullish = <T extends z.core.$ZodType>(type: T) => z.optional(z.nullable(type));

/** What plugin.json (A3) and `vtcode_plugin_metadata` hold; unknown members are kept and never an error. */
export const PluginMetadata = z.looseObject({
  name: about(
    "The plugin's name, and the stem of its library's file name (A1).",
    z.string().check(z.regex(namePattern, "must be 1 to 64 of A-Z a-z 0-9 . _ - and begin with a letter or digit")),
  ),
  description: about("What the plugin does, for people and agents.", z.string()),
  version: about("The plugin's version.", z.string()),
  author: about("Who made it.", nullish(z.string())),
  abi_version: about("The ABI that it is built for: 1.", z.optional(z.number())),
  when_to_use: about("When an agent should call it.", nullish(z.string())),
  when_not_to_use: about("When an agent should not call it.", nullish(z.string())),
  allowed_tools: about("The tools that an agent may use beside it.", nullish(z.array(z.string()))),
  thread_safe: about("Whether it can be called by several threads at once (E2).", z.optional(z.boolean())),
});
export type PluginMetadata = z.infer<typeof PluginMetadata>;

/**
 * What plugin.json and metadata may say of the plugin as a tool of an agent (A10). None of it keeps a plugin from loading:
 * a member of a wrong form is left out, and warned of.
 */
export const toolMembers = {
  title: z.string(),
  icons: z.array(
    z.looseObject({
      src: z.string().check(z.regex(/^(https?:\/\/|data:)/, "must be an https: or data: URI")),
      mimeType: z.optional(z.string()),
      sizes: z.optional(z.array(z.string())),
      theme: z.optional(z.enum(["light", "dark"])),
    }),
  ),
  annotations: z.looseObject({
    readOnlyHint: z.optional(z.boolean()),
    destructiveHint: z.optional(z.boolean()),
    idempotentHint: z.optional(z.boolean()),
    openWorldHint: z.optional(z.boolean()),
  }),
};
