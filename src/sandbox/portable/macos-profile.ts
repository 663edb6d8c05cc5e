// The profile that a worker on macOS puts itself under (sandbox_init(3)), in the system's language for them: what is
// not allowed is refused. Of two rules on the same operation the later one counts.

import type { Confinement } from "../../sandbox-policy/policy.ts";
import {
  data,
  devices,
  gpuClients,
  gpuService,
  harmlessDevices,
  libraries,
  nameServer,
  networkData,
  networkServices,
  programs,
  readableDevices,
  services,
} from "./macos-places.ts";

/**
 * A file, or a directory with all that is in it: by the path that the system had for it (realpath(3)) when it was
 * granted: to look it up again would follow what a plugin has put there since.
 */
export interface Place {
  readonly path: string;
  readonly isDirectory: boolean;
}

export interface SandboxPlaces {
  /** The plugin's directory, and what was granted. */
  readonly read: readonly Place[];
  /** The workspace and what was granted. */
  readonly write: readonly Place[];
  /** The plugin's TMPDIR, which it may write to. */
  readonly temporary: string | undefined;
  /** Holds the code that it loads. */
  readonly libraries: string | undefined;
  /** Where the operator has certificates, beside the system's. */
  readonly certificates: readonly string[];
}

type Sandboxed = Pick<Confinement, "profile" | "network" | "exec" | "gpu">;

/** @returns the profile's text @throws Error where a path is not absolute */
export function sandboxProfile(confinement: Sandboxed, places: SandboxPlaces): string {
  const { network, exec, gpu } = confinement;
  const own = exec ? "(target same-sandbox)" : "(target self)"; // what it starts has the same profile
  const rules = [
    "(version 1)",
    "(deny default)",
    "(deny process-info* nvram* iokit-get-properties file-map-executable)", // which the default leaves out
    ...allow("process-info* signal", [own]),
    "(allow sysctl-read)",
    "(allow file-read-metadata)",
    ...allow("file-read*", ['(literal "/")']), // without it no program starts
    ...allow("mach-lookup", services.map(service)),
    ...allow("ipc-posix-shm-read-data", ['(ipc-posix-name "apple.shm.notification_center")']),
    ...fileRules(confinement, places),
    ...(network ? networkRules() : []),
    '(deny mach-lookup (xpc-service-name-prefix ""))', // services of bundles, which anybody may put anywhere
    "(deny system-fcntl (fcntl-command 80 110))", // F_MAKECOMPRESSED, F_TRANSFEREXTENTS: they write without being asked
    ...(exec ? execRules(confinement, places) : []),
    ...(gpu ? gpuRules() : []),
  ];
  return `${rules.join("\n")}\n`;
}

function fileRules({ profile, network, exec }: Sandboxed, places: SandboxPlaces): string[] {
  const written = writable(places);
  const reading = "file-read* file-map-executable";
  const paths = [
    ...libraries,
    ...data,
    ...(network ? [...networkData, ...places.certificates] : []),
    ...(exec ? programs : []),
  ];
  const granted = [...present(places.libraries), ...places.read.map(filter), ...written];
  return [
    ...(profile === "strict"
      ? allow(reading, [...paths.map(beneath), ...granted])
      : [`(allow ${reading})`, `(deny file-read* ${beneath(devices)})`, ...allow("file-read*", ['(literal "/dev")'])]),
    ...allow("file-read*", [...harmlessDevices, ...readableDevices].map(beneath)),
    // What is granted by name, though it be a device.
    ...(profile === "strict" ? [] : allow(reading, granted)),
    ...allow("file-write-data", harmlessDevices.map(beneath)),
    ...allow("file-write*", written),
    // What was granted stays where it is; nor may the plugin keep anything from being removed, or lend others its rights.
    ...deny("file-write-unlink", [...places.write.map(({ path }) => path), places.temporary ?? []].flat().map(literal)),
    "(deny file-write-flags file-write-acl file-write-owner file-write-setugid)",
  ];
}

/** Sockets of the internet, and what looks names up: none that leads to another process here by a path. */
function networkRules(): string[] {
  return [
    "(allow system-socket (require-all (socket-domain AF_SYSTEM) (socket-protocol 2)) (socket-domain AF_ROUTE))",
    ...allow("network-outbound", ['(remote ip "*:*")', literal(nameServer), '(control-name "com.apple.netsrc")']),
    ...allow("network-inbound network-bind", ['(local ip "*:*")']),
    ...allow("mach-lookup", networkServices.map(service)),
  ];
}

function execRules({ profile }: Sandboxed, places: SandboxPlaces): string[] {
  const strict = [...libraries, ...programs].map(beneath);
  const granted = [...present(places.libraries), ...places.read.map(filter), ...writable(places)];
  return [
    "(allow process-fork)",
    ...(profile === "strict" ? allow("process-exec*", [...strict, ...granted]) : ["(allow process-exec*)"]),
  ];
}

function gpuRules(): string[] {
  const clients = gpuClients.map((name) => `(iokit-user-client-class ${quoted(name)})`);
  return [
    "(allow iokit-get-properties)",
    ...allow("iokit-open", ['(iokit-connection "IOAccelerator")', ...clients]),
    ...allow("mach-lookup", [service(gpuService), `(xpc-service-name ${quoted(gpuService)})`]),
  ];
}

function writable({ temporary, write }: SandboxPlaces): string[] {
  return [...present(temporary), ...write.map(filter)];
}

const present = (path: string | undefined): string[] => (path === undefined ? [] : [beneath(path)]);

/** A rule without a filter would be on everything: where there is none there is no rule. */
function allow(operations: string, filters: readonly string[]): string[] {
  return ruled("allow", operations, filters);
}

function deny(operations: string, filters: readonly string[]): string[] {
  return ruled("deny", operations, filters);
}

function ruled(action: string, operations: string, filters: readonly string[]): string[] {
  if (filters.length === 0) return [];
  return [`(${action} ${operations}\n${[...new Set(filters)].map((one) => `  ${one}`).join("\n")})`];
}

const filter = ({ path, isDirectory }: Place): string => (isDirectory ? beneath(path) : literal(path));
const beneath = (path: string): string => `(subpath ${quoted(canonical(path))})`;
const literal = (path: string): string => `(literal ${quoted(canonical(path))})`;
const service = (name: string): string => `(global-name ${quoted(name)})`;

/** These two alone mean something in a string; in paths of `literal` and `subpath` nothing does. */
const quoted = (text: string): string => `"${text.replaceAll(/[\\"]/g, "\\$&")}"`;

/** The system compares with where a path leads to: dlrpc's own directories come by names that are links on every Mac. */
function canonical(path: string): string {
  if (!path.startsWith("/"))
    throw new Error(`${JSON.stringify(path)} is no absolute path, which a sandbox profile needs`);
  return /^\/(?:etc|tmp|var)(?:\/|$)/.test(path) ? `/private${path}` : path;
}
