// What plugin.json and metadata may hold (SPEC section 7) as far as it takes no schema.

import { ABI_VERSION } from "./abi-symbols.ts";

/** A plugin's name (A3): also the stem of its library's file name, so it can hold no separator and no leading dot. */
export const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** The names that get no warning (A3). */
export const plainNamePattern = /^[a-z0-9-]+$/;
/** Longer descriptions get a warning (A3), in characters. */
export const DESCRIPTION_LIMIT = 1024;

/** The optional members of metadata as they are shown where a plugin leaves them out (plugin/metadata). */
export const metadataDefaults: Readonly<Record<string, unknown>> = {
  author: null,
  abi_version: ABI_VERSION,
  when_to_use: null,
  when_not_to_use: null,
  allowed_tools: null,
  thread_safe: false,
};

/** Those that hold a JSON Schema (A11). */
export const schemaMembers = ["input_schema", "output_schema"] as const;
