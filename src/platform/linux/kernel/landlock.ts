// Owns the system calls that make rules of Landlock (landlock(7)), on files, the network and signals. A worker puts itself under them.

import { checked, libc } from "../../../ffi/libc.ts";

/** The same numbers on every architecture. */
const SYS_LANDLOCK_CREATE_RULESET = 444;
const SYS_LANDLOCK_ADD_RULE = 445;
const CREATE_RULESET_VERSION = 1;
const RULE_PATH_BENEATH = 1;

const createRuleset = libc("syscall", "int64_t", ["int64_t", "void *", "size_t", "uint32_t"]);
const addRule = libc("syscall", "int64_t", ["int64_t", "int", "uint32_t", "void *", "uint32_t"]);

/** Which rights a set of rules is about: one bit each, as in linux/landlock.h. */
export interface HandledRights {
  readonly files: number;
  readonly network: number;
  readonly scope: number;
}

/** @returns the version of Landlock's interface that runs @throws Error saying why there is none */
export function landlockVersion(): number {
  return checked(
    "landlock_create_ruleset",
    createRuleset(SYS_LANDLOCK_CREATE_RULESET, null, 0, CREATE_RULESET_VERSION),
  );
}

/** A set of rules: what it handles is forbidden but for what `allowBeneath` allows. @returns its descriptor */
export function landlockRuleset({ files, network, scope }: HandledRights): number {
  // struct landlock_ruleset_attr has grown; a kernel takes zeros for the members that it does not know.
  const attributes = Buffer.from(BigUint64Array.of(BigInt(files), BigInt(network), BigInt(scope)).buffer);
  const made = createRuleset(SYS_LANDLOCK_CREATE_RULESET, attributes, attributes.length, 0);
  return checked("landlock_create_ruleset", made);
}

/** Allows `rights` on the file, or on all that is in the directory, that `descriptor` is open on. */
export function allowBeneath(ruleset: number, descriptor: number, rights: number): void {
  const rule = Buffer.alloc(12);
  rule.writeBigUInt64LE(BigInt(rights), 0);
  rule.writeInt32LE(descriptor, 8);
  checked("landlock_add_rule", addRule(SYS_LANDLOCK_ADD_RULE, ruleset, RULE_PATH_BENEATH, rule, 0));
}
