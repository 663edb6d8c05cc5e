// The environment of workers: what programs commonly need, what a load adds, and what dlrpc itself says there (P7).

import { system } from "#platform/program/system";
import type { Confinement, Profile } from "../sandbox-policy/policy.ts";

/** Where drivers of graphics cards keep what they have compiled: CUDA, NVIDIA's OpenGL and Vulkan, Mesa, Intel's and AMD's compilers. */
export const gpuCacheVariables = [
  "CUDA_CACHE_PATH",
  "__GL_SHADER_DISK_CACHE_PATH",
  "MESA_SHADER_CACHE_DIR",
  "NEO_CACHE_DIR",
  "AMD_COMGR_CACHE_DIR",
];

/** A variable's name as the system tells them apart: Windows does not by their case. */
const keyOf = (name: string): string => (system === "windows" ? name.toUpperCase() : name);

/** Names and values. */
export type Variables = Readonly<Record<string, string>>;

/**
 * What Windows tells each program of the machine and of its user. libuv adds half of it whatever one says; without the rest
 * there are no shells, and no places for caches.
 */
const OF_WINDOWS = [
  "ALLUSERSPROFILE APPDATA COMMONPROGRAMFILES COMMONPROGRAMFILES(X86) COMMONPROGRAMW6432 COMSPEC HOMEDRIVE HOMEPATH",
  "LOCALAPPDATA LOGONSERVER NUMBER_OF_PROCESSORS OS PATHEXT PROCESSOR_ARCHITECTURE PROGRAMDATA PROGRAMFILES",
  "PROGRAMFILES(X86) PROGRAMW6432 PUBLIC SYSTEMDRIVE SYSTEMROOT USERDOMAIN USERNAME USERPROFILE WINDIR",
];
/** What passes of dlrpc's own environment. */
const PASSED_ON = new Set(
  [
    "PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TEMP TMP XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME",
    ...(system === "windows" ? OF_WINDOWS : []),
  ].flatMap((names) => names.split(" ")),
);
/** Files and directories of certificates, as libraries call them. */
const CERTIFICATES = new Set(
  "SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE REQUESTS_CA_BUNDLE GIT_SSL_CAINFO NODE_EXTRA_CA_CERTS".split(" "),
);
const PROXY = /^(https?|all|no)_proxy$/i;
const TEMPORARY = ["TMPDIR", "TEMP", "TMP"] as const;
/** They lead from one's home to places that `strict` does not let anyone see. */
const BELOW_HOME = new Set(["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"]);
/** What names the user's home, or a directory that programs make files in without asking. */
const HOMES = system === "windows" ? ["HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"] : ["HOME"];

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
  const key = keyOf(name);
  return PASSED_ON.has(key) || key.startsWith("LC_") || isOfNetwork(key);
}

function isOfNetwork(name: string): boolean {
  return PROXY.test(name) || CERTIFICATES.has(name);
}

/** Why a load cannot set this variable, for people; undefined where it can. */
export function whyNotSet(name: string, profile: Profile): string | undefined {
  const key = keyOf(name);
  if (OF_THE_LOADER.test(key)) return "says which code is loaded, which is what was checked and nothing else";
  if (key.startsWith("DLRPC_") || TEMPORARY.some((temporary) => temporary === key)) return "is set by dlrpc itself";
  if (HOMES.includes(key) && profile === "strict") return "is the plugin's private directory under `strict`";
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

/** @returns as execve(2) takes it, each variable once */
export function workerEnvironment({ confinement, plugin, temporary, added }: Surroundings): string[] {
  const { profile, network, gpu } = confinement;
  const hasOwnHome = profile === "strict" && temporary !== undefined;
  const passed = ownVariables().filter(
    ([name]) => (network || !isOfNetwork(name)) && !(hasOwnHome && BELOW_HOME.has(keyOf(name))),
  );
  const caches = profile !== "none" && gpu ? gpuCacheVariables : [];
  const inTemporary = (names: readonly string[]) =>
    temporary === undefined ? [] : names.map((name) => [name, temporary] as const);
  const all: (readonly [name: string, value: string])[] = [
    ...passed,
    ...inTemporary(caches),
    ...Object.entries(added),
    ...inTemporary(TEMPORARY),
    ...inTemporary(hasOwnHome ? HOMES : []),
    ["DLRPC_PLUGIN_DIR", plugin],
    ["GLIBC_TUNABLES", TUNABLES],
  ];
  const variables = new Map(all.map((variable) => [keyOf(variable[0]), variable]));
  return [...variables.values()].map(([name, value]) => `${name}=${value}`);
}
