// Owns which files a confined process may reach by its profile: what was granted comes beside it (S3).

import type { Confinement } from "./policy.ts";

/** Absolute paths; what does not exist counts for nothing. A directory stands for all that is in it. */
export interface FileAccess {
  readonly read: readonly string[];
  readonly execute: readonly string[];
  readonly write: readonly string[];
}

/** What a worker has to itself, where there is a directory for it. */
export interface PrivatePaths {
  /** Writable: the plugin's TMPDIR. */
  readonly temporary: string | undefined;
  /** Holds the code that it loads. */
  readonly libraries: string | undefined;
}

const everything = ["/"];
const harmlessDevices = ["/dev/null", "/dev/zero", "/dev/full"];
const randomDevices = ["/dev/random", "/dev/urandom"];

/** Where systems keep libraries; the last two are those of Nix and Guix. */
const systemLibraries = [
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/usr/lib",
  "/usr/lib32",
  "/usr/lib64",
  "/usr/libx32",
  "/usr/local/lib",
  "/nix/store",
  "/gnu/store",
];
const systemPrograms = ["/bin", "/sbin", "/usr"];

/** What a C library reads to find libraries, the time of the day and the words of a language. */
const systemData = [
  "/etc/ld.so.cache",
  "/etc/localtime",
  "/usr/share/i18n",
  "/usr/share/locale",
  "/usr/share/locale-langpack",
  "/usr/share/zoneinfo",
];
/** What a C library and TLS need to find and to know a host. */
const networkData = [
  "/etc/gai.conf",
  "/etc/host.conf",
  "/etc/hosts",
  "/etc/nsswitch.conf",
  "/etc/protocols",
  "/etc/resolv.conf",
  "/etc/services",
  "/etc/ssl/certs",
  "/etc/pki/tls/certs",
  "/usr/local/share/ca-certificates",
  "/usr/share/ca-certificates",
];

export function fileAccess({ profile, network, exec }: Confinement, own: PrivatePaths): FileAccess {
  const write = [...harmlessDevices, ...present(own.temporary)];
  if (profile !== "strict") return { read: everything, execute: exec ? everything : [], write };
  return {
    read: [
      ...systemLibraries,
      ...systemData,
      ...randomDevices,
      ...present(own.libraries),
      ...(network ? networkData : []),
      ...(exec ? systemPrograms : []),
      ...write,
    ],
    execute: exec ? [...systemLibraries, ...systemPrograms, ...write] : [],
    write,
  };
}

function present(path: string | undefined): string[] {
  return path === undefined ? [] : [path];
}
