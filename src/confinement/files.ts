// Owns which files a confined process may reach: the profile's own, and what was granted (S3).

import { readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { ADDON_DESCRIPTOR, pathOf } from "../packed/addon.ts";
import { workerScript } from "../self.ts";
import type { Confinement } from "./policy.ts";

/** Absolute paths; what does not exist counts for nothing. A directory stands for all that is in it. */
export interface FileAccess {
  readonly read: readonly string[];
  readonly execute: readonly string[];
  readonly write: readonly string[];
}

/** What a worker has to itself. */
export interface PrivatePaths {
  /** Writable: the plugin's TMPDIR. */
  readonly temporary: string;
  /** Holds the libraries that are not loaded from memory. */
  readonly libraries: string;
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
/** Debian's Node keeps a part of itself there. */
const nodeData = ["/usr/share/nodejs"];

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
  "/usr/share/ca-certificates",
];

/** @param own undefined where the process has no directory to itself */
export function fileAccess(confinement: Confinement, own: PrivatePaths | undefined): FileAccess {
  const { profile, network, exec } = confinement;
  const write = [...harmlessDevices, ...(own ? [own.temporary] : []), ...confinement.write];
  // The process itself is yet to be started again; a filter forbids it later to start anything else.
  const self = [process.execPath, ...systemLibraries];
  if (profile !== "strict") return { read: everything, execute: exec ? everything : self, write };
  return {
    read: [
      ...self,
      ...systemData,
      ...nodeData,
      ...randomDevices,
      ...ownFiles(),
      ...(own ? [own.libraries] : []),
      ...(network ? networkData : []),
      ...(exec ? systemPrograms : []),
      ...confinement.read,
      ...write,
    ],
    execute: [...self, ...(exec ? [...systemPrograms, ...confinement.read, ...write] : [])],
    write,
  };
}

/** What a worker is loaded from. In the packed program that is in memory. */
function ownFiles(): string[] {
  if (workerScript === undefined) return [];
  // Node looks for one in every directory above a script, and fails where one is there that it must not read.
  const manifests = directoriesAbove(workerScript).map((directory) => join(directory, "package.json"));
  return [workerScript, readlinkSync(pathOf(ADDON_DESCRIPTOR)), ...manifests];
}

function directoriesAbove(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...directoriesAbove(parent)];
}
