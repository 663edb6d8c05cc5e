// Owns making Node deaf to its variables: what the host's environment says to Node, for other programs of its own, must not
// change the packed one. Node reads some before any script of the program runs, and of these some run code.

/** Those of node(1), and those by which one Node tells another what it is to it. */
export const nodeVariables = [
  "NODE_CHANNEL_FD",
  "NODE_CHANNEL_SERIALIZATION_MODE",
  "NODE_CLUSTER_SCHED_POLICY",
  "NODE_COMPILE_CACHE",
  "NODE_COMPILE_CACHE_PORTABLE",
  "NODE_DEBUG",
  "NODE_DEBUG_NATIVE",
  "NODE_DISABLE_COLORS",
  "NODE_ICU_DATA",
  "NODE_PENDING_DEPRECATION",
  "NODE_PRESERVE_SYMLINKS",
  "NODE_PRESERVE_SYMLINKS_MAIN",
  "NODE_REDIRECT_WARNINGS",
  "NODE_REPL_EXTERNAL_MODULE",
  "NODE_REPL_HISTORY",
  "NODE_TLS_REJECT_UNAUTHORIZED",
  "NODE_UNIQUE_ID",
  "NODE_USE_ENV_PROXY",
  "NODE_USE_SYSTEM_CA",
  "NODE_V8_COVERAGE",
  "OPENSSL_CONF",
  "OPENSSL_CONF_INCLUDE",
  "OPENSSL_ENGINES",
  "OPENSSL_MODULES",
  "UV_THREADPOOL_SIZE",
] as const;

const EQUALS = 0x3d;

/**
 * Gives each variable another name, one that begins with `=`, which no variable's name holds.
 * @param executable Node's, which is changed
 * @returns it
 * @throws Error where one is not there: another Node, which reads others
 */
export function withoutVariables(executable: Buffer): Buffer {
  for (const name of nodeVariables) {
    const sought = Buffer.from(`\0${name}\0`);
    let at = executable.indexOf(sought);
    if (at === -1)
      throw new Error(`this Node has no variable ${name}; see which it has and mend packaging/variables.ts`);
    for (; at !== -1; at = executable.indexOf(sought, at)) executable[at + 1] = EQUALS;
  }
  return executable;
}
