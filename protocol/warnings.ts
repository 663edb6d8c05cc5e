// The closed registry of warnings (SPEC D3): the codes, and what each says. An error is called by its kind (errors.ts).

/** The codes of warnings, and what each says. A published one is never removed: hosts may decide on it. */
export const warningCodes = {
  ABI_VERSION_MISSING: "plugin.json holds no `abi_version` (A2): other loaders refuse it",
  NAME_NOT_PLAIN: "the name holds other than lower case letters, digits and hyphens",
  NAME_NOT_UNIQUE:
    "other plugins in trusted directories have the name, too; the message says which of them `plugin/load` takes by it (P4); not at a load",
  NOT_NATIVE:
    "it is an Agent Plugin without a native part (A8): `valid` is false, and nothing else is said of it; not at a load",
  DESCRIPTION_TOO_LONG: "the description is over 1024 characters long",
  VERSION_NOT_SEMVER: "the version is not a semantic version",
  WRITABLE_BY_OTHERS: "group or others may write to a directory or file (T3)",
  WRITABLE_BY_PLUGIN:
    "`plugin/load` only: the plugin may write to what it should only read, or to what dlrpc relies on (S11)",
  UNTRUSTED_PATH: "`plugin/validate` only: it lies outside every trusted directory",
  METADATA_DIFFERS: "`plugin/load` only: the library says another name or version than plugin.json (A9)",
  LISTED_FILE_MISSING: "plugin.json lists the hash of a file that is not there (T5)",
  SIGNATURE_KEY_UNKNOWN: "the signature is by a key that was not given (T6)",
  SIGNATURE_WITHOUT_HASHES: "plugin.json is signed but lists no hashes, so the code is not (T6)",
  PERMISSIONS_NOT_UNDERSTOOD: "`permissions` of plugin.json are not of the form of `sandbox` (S7)",
  TOOL_NOT_UNDERSTOOD:
    "a member of plugin.json that says what an agent is to be told is of a wrong form, and left out there (A10, A11)",
  PERMISSIONS_NOT_GRANTED:
    "`plugin/load` only: what `permissions` of plugin.json ask for is not all granted; the message names what is missing (S7)",
  SANDBOX_NOT_ENFORCED: "`plugin/load` only: something of the sandbox is not enforced (S1)",
  SUPERVISION_UNAVAILABLE: "`plugin/load` only: what S9 allows fails, for nobody can judge it here",
} as const;

/** The name of a warning. */
export type WarningCode = keyof typeof warningCodes;
