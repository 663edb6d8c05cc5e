// What a plugin library of ABI v1 exports (SPEC section 7). A worker needs this of the ABI, and not its documents.

/** What `vtcode_plugin_version` must return (A2). */
export const ABI_VERSION = 1;

/** The symbols of a plugin library; all but the last are required (A7). */
export const requiredSymbols = ["vtcode_plugin_version", "vtcode_plugin_metadata", "vtcode_plugin_execute"] as const;
/** The one that may be missing (A5, A6). */
export const freeStringSymbol = "vtcode_plugin_free_string";
