// Which files a confined process may reach by its profile: what was granted comes beside it (S3).

import { readdirSync } from "node:fs";
import { tolerating } from "../base/failures.ts";
import { devices, harmlessDevices, randomDevices, sharedMemory } from "./devices.ts";
import { gpuData, gpuDevices } from "./gpu.ts";
import type { Confinement } from "./policy.ts";

/** Absolute paths; what does not exist counts for nothing. A directory stands for all that is in it. */
export interface FileAccess {
  /** Directories whose names, and those of all directories in them, may be listed. */
  readonly list: readonly string[];
  readonly read: readonly string[];
  /** Read, too: what the machine is. The system makes such files anew when nobody has them open. */
  readonly machine: readonly string[];
  readonly execute: readonly string[];
  readonly write: readonly string[];
  /** Devices, and directories of them: they are read, written to and controlled (ioctl(2)), and none is made or removed. */
  readonly control: readonly string[];
}

/** Paths that differ from worker to worker, or from dlrpc to dlrpc. */
export interface OwnPaths {
  /** Writable: the plugin's TMPDIR. */
  readonly temporary: string | undefined;
  /** Holds the code that it loads. */
  readonly libraries: string | undefined;
  /** Where the operator has certificates, beside the system's. */
  readonly certificates: readonly string[];
}

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
/** What lies in the root directory by custom (hier(7)), but for devices: for where it may not be listed. */
const usualPlaces =
  "bin boot etc gnu home lib lib32 lib64 libx32 media mnt nix opt proc root run sbin snap srv sys tmp usr var"
    .split(" ")
    .map((name) => `/${name}`);

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

/** What runtimes ask to know how many threads and how much memory are sensible (proc(5), sysfs(5)). */
const machine = [
  "/proc/cgroups",
  "/proc/cpuinfo",
  "/proc/loadavg",
  "/proc/meminfo",
  "/proc/stat",
  "/sys/devices/system/cpu",
  "/sys/devices/system/node",
];

export function fileAccess({ profile, network, exec, gpu }: Confinement, own: OwnPaths): FileAccess {
  const write = [...harmlessDevices, ...present(own.temporary)];
  const control = gpu ? gpuDevices() : [];
  if (profile !== "strict") {
    const files = besidesDevices();
    const read = [...files, ...write, ...randomDevices, sharedMemory];
    return { list: ["/"], read, machine: [], execute: exec ? files : [], write, control };
  }
  return {
    list: [],
    read: [
      ...systemLibraries,
      ...systemData,
      ...randomDevices,
      ...present(own.libraries),
      ...(network ? [...networkData, ...own.certificates] : []),
      ...(gpu ? gpuData() : []),
      ...(exec ? systemPrograms : []),
      ...write,
    ],
    machine,
    execute: exec ? [...systemLibraries, ...systemPrograms, ...present(own.libraries), ...write] : [],
    write,
    control,
  };
}

/**
 * All there is but for the directory of devices: reading from a terminal, a keyboard or a microphone takes away what is
 * somebody else's. What a link leads to is among the others.
 */
function besidesDevices(): string[] {
  const entries = tolerating(["EACCES"], () => readdirSync("/", { withFileTypes: true }));
  const places = entries?.filter((entry) => entry.isDirectory() || entry.isFile()).map(({ name }) => `/${name}`);
  return places?.filter((path) => path !== devices) ?? usualPlaces;
}

function present(path: string | undefined): string[] {
  return path === undefined ? [] : [path];
}
