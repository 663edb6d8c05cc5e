// Owns the environment of workers: what programs commonly need, what a load adds, and what dlrpc itself says there (P7).

import type { Confinement, Profile } from "../confinement/policy.ts";

/** Where drivers of graphics cards keep what they have compiled: CUDA, NVIDIA's OpenGL and Vulkan, Mesa, Intel's and AMD's compilers. */
export const gpuCacheVariables = [
  "CUDA_CACHE_PATH",
  "__GL_SHADER_DISK_CACHE_PATH",
  "MESA_SHADER_CACHE_DIR",
  "NEO_CACHE_DIR",
  "AMD_COMGR_CACHE_DIR",
];

/** Names and values. */
export type Variables = Readonly<Record<string, string>>;

/** What passes of dlrpc's own environment. */
const PASSED_ON = new Set(
  "PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TEMP TMP XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME".split(
    " ",
  ),
);
/** Files and directories of certificates, as libraries call them. */
const CERTIFICATES = new Set(
  "SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE REQUESTS_CA_BUNDLE GIT_SSL_CAINFO NODE_EXTRA_CA_CERTS".split(" "),
);
const PROXY = /^(https?|all|no)_proxy$/i;
const TEMPORARY = ["TMPDIR", "TEMP", "TMP"] as const;
/** They lead from one's home to places that `strict` does not let anyone see. */
const BELOW_HOME = new Set(["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"]);

/**
 * How many bytes of thread-local storage may come with libraries that want it in place from the start, as jemalloc does
 * (glibc.rtld.optional_static_tls; glibc's own 512 are soon used up). It is part of each thread's stack: with this much a
 * thread with the smallest one, of 16 KiB, still starts.
 */
const STATIC_TLS_BYTES = 6144;
const TUNABLES = `glibc.rtld.optional_static_tls=${STATIC_TLS_BYTES}`;

/** With them other code is loaded than what was checked. */
const OF_THE_LOADER = /^(LD_|DYLD_|GCONV_PATH$|GLIBC_TUNABLES$)/;

/** Of dlrpc's own environment. Taken once: to ask Node for a variable takes a while. */
let own: readonly (readonly [name: string, value: string])[] | undefined;

function ownVariables(): NonNullable<typeof own> {
  own ??= Object.entries(process.env).flatMap(([name, value = ""]) => (mayPass(name) ? [[name, value] as const] : []));
  return own;
}

/** Whether a variable of dlrpc's own environment is passed on, to plugins with `network` or to all. */
export function mayPass(name: string): boolean {
  return PASSED_ON.has(name) || name.startsWith("LC_") || isOfNetwork(name);
}

function isOfNetwork(name: string): boolean {
  return PROXY.test(name) || CERTIFICATES.has(name);
}

/** Why a load cannot set this variable, for people; undefined where it can. */
export function whyNotSet(name: string, profile: Profile): string | undefined {
  if (OF_THE_LOADER.test(name)) return "says which code is loaded, which is what was checked and nothing else";
  if (name.startsWith("DLRPC_") || TEMPORARY.some((temporary) => temporary === name)) return "is set by dlrpc itself";
  if (name === "HOME" && profile === "strict") return "is the plugin's private directory under `strict`";
  return undefined;
}

/** Where dlrpc's own environment says that certificates are: absolute paths. */
export function certificatePaths(): string[] {
  const named = ownVariables().filter(([name]) => CERTIFICATES.has(name));
  return named.flatMap(([, value]) => value.split(":")).filter((path) => path.startsWith("/"));
}

export interface Surroundings {
  readonly confinement: Confinement;
  /** The plugin's directory. */
  readonly plugin: string;
  /** A directory that is the worker's own; undefined where there is none. */
  readonly temporary: string | undefined;
  /** What the load adds: nothing that `whyNotSet` has an answer for. */
  readonly added: Variables;
}

/** @returns as execve(2) takes it */
export function workerEnvironment({ confinement, plugin, temporary, added }: Surroundings): string[] {
  const { profile, network, gpu } = confinement;
  const hasOwnHome = profile === "strict" && temporary !== undefined;
  const passed = ownVariables().filter(
    ([name]) => (network || !isOfNetwork(name)) && !(hasOwnHome && BELOW_HOME.has(name)),
  );
  const caches = profile !== "none" && gpu ? gpuCacheVariables : [];
  const inTemporary = (names: readonly string[]) =>
    temporary === undefined ? {} : Object.fromEntries(names.map((name) => [name, temporary]));
  const variables: Record<string, string> = {
    ...Object.fromEntries(passed),
    ...inTemporary(caches),
    ...added,
    ...inTemporary(TEMPORARY),
    ...(hasOwnHome && { HOME: temporary }),
    DLRPC_PLUGIN_DIR: plugin,
    GLIBC_TUNABLES: TUNABLES,
  };
  return Object.entries(variables).map(([name, value]) => `${name}=${value}`);
}
