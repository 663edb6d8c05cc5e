// Owns the environment of workers: what programs commonly need, and nothing that changes how Node or the loader work.

const PASSED_ON = new Set(
  "PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TEMP TMP XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME".split(
    " ",
  ),
);

/** That of this program when it was started: a plugin that runs inside can change it. */
export const environmentAtStart: Readonly<NodeJS.ProcessEnv> = { ...process.env };

/**
 * The variables of `environment` that a plugin may see: none of NODE_*, LD_* or DYLD_*.
 * @param temporary a directory that is the worker's own, in place of the one that all share
 */
export function workerEnvironment(
  environment: Readonly<NodeJS.ProcessEnv>,
  temporary: string | undefined,
): NodeJS.ProcessEnv {
  const passedOn = Object.entries(environment).filter(([name]) => PASSED_ON.has(name) || name.startsWith("LC_"));
  return {
    ...Object.fromEntries(passedOn),
    ...(temporary !== undefined && { TMPDIR: temporary, TEMP: temporary, TMP: temporary }),
    OPENSSL_CONF: "/dev/null", // Node would read the system's, which a confined worker may not
  };
}
