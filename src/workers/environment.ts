// Owns the environment of workers: what programs commonly need, and nothing that changes how the loader works (P6).

const PASSED_ON = new Set(
  "PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TEMP TMP XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME".split(
    " ",
  ),
);

/**
 * What of dlrpc's own environment a plugin may see: none of LD_* or DYLD_*.
 * @param temporary a directory that is the worker's own, in place of the one that all share
 */
export function workerEnvironment(temporary: string | undefined): NodeJS.ProcessEnv {
  const passedOn = Object.entries(process.env).filter(([name]) => PASSED_ON.has(name) || name.startsWith("LC_"));
  return {
    ...Object.fromEntries(passedOn),
    ...(temporary !== undefined && { TMPDIR: temporary, TEMP: temporary, TMP: temporary }),
  };
}
