// The profile that a worker on macOS puts itself under: its text, and what it means by the rules that the system reads it by.
// There is no Mac here to ask.

import { expect, test } from "vitest";
import { type SandboxPlaces, sandboxProfile } from "../../../src/sandbox/portable/macos-profile.ts";

const nothing = { network: false, exec: false, gpu: false };
const places: SandboxPlaces = {
  read: [{ path: "/Users/ada/plugins/hello", isDirectory: true }],
  write: [
    { path: "/Users/ada/work", isDirectory: true },
    { path: "/Users/ada/notes.txt", isDirectory: false },
  ],
  temporary: "/var/folders/zz/T/dlrpc-1/temporary",
  libraries: "/var/folders/zz/T/dlrpc-1/libraries",
  certificates: ["/Users/ada/certificates.pem"],
};
const none: SandboxPlaces = { read: [], write: [], temporary: undefined, libraries: undefined, certificates: [] };

type Form = string | Form[];

/** Of a Scheme text: lists, symbols, and strings, which keep their opening quotation mark. */
function read(text: string): Form[] {
  const lists: Form[][] = [[]];
  for (const [token] of text.matchAll(/[()]|"(?:\\[\\"]|[^\\"])*"|[^\s()"]+/g)) {
    if (token === "(") lists.push([]);
    else if (token === ")") {
      const list = lists.pop() ?? [];
      lists.at(-1)?.push(list);
    } else lists.at(-1)?.push(token.startsWith('"') ? `"${token.slice(1, -1).replaceAll(/\\(.)/gs, "$1")}` : token);
  }
  if (lists.length !== 1) throw new Error("parentheses do not match");
  return lists[0] ?? [];
}

const covers = (named: string, operation: string) =>
  named.endsWith("*") ? operation.startsWith(named.slice(0, -1)) : named === operation;

function matches(filter: Form, path: string): boolean {
  if (typeof filter === "string") return false;
  const [kind, quoted] = filter as [string, string];
  const place = quoted?.slice(1);
  return kind === "literal"
    ? path === place
    : kind === "subpath" && `${path}/`.startsWith(place === "/" ? "/" : `${place}/`);
}

/** What the system comes to: rules on the operation itself before those on a class of them, and the last one that is on the path. */
function mayDo(profile: string, operation: string, path: string): boolean {
  const rules = read(profile).map((form) => {
    const [action, ...rest] = form as string[];
    const operations = rest.filter((one) => typeof one === "string");
    return { action, operations, filters: (rest as Form[]).filter((one) => typeof one !== "string") };
  });
  for (const isNamed of [(name: string) => name === operation, (name: string) => covers(name, operation)]) {
    const last = rules.findLast(({ operations, filters }) => {
      return operations.some(isNamed) && (filters.length === 0 || filters.some((one) => matches(one, path)));
    });
    if (last !== undefined) return last.action === "allow";
  }
  return false;
}

test("S31: standard, the text", () => {
  expect(sandboxProfile({ profile: "standard", ...nothing }, places)).toBe(`(version 1)
(deny default)
(deny process-info* nvram* iokit-get-properties file-map-executable)
(allow process-info* signal
  (target self))
(allow sysctl-read)
(allow file-read-metadata)
(allow file-read*
  (literal "/"))
(allow mach-lookup
  (global-name "com.apple.logd")
  (global-name "com.apple.system.logger")
  (global-name "com.apple.system.notification_center")
  (global-name "com.apple.system.opendirectoryd.libinfo"))
(allow ipc-posix-shm-read-data
  (ipc-posix-name "apple.shm.notification_center"))
(allow file-read* file-map-executable)
(deny file-read* (subpath "/dev"))
(allow file-read*
  (literal "/dev"))
(allow file-read*
  (subpath "/dev/null")
  (subpath "/dev/zero")
  (subpath "/dev/random")
  (subpath "/dev/urandom")
  (subpath "/dev/dtracehelper")
  (subpath "/dev/fd"))
(allow file-read* file-map-executable
  (subpath "/private/var/folders/zz/T/dlrpc-1/libraries")
  (subpath "/Users/ada/plugins/hello")
  (subpath "/private/var/folders/zz/T/dlrpc-1/temporary")
  (subpath "/Users/ada/work")
  (literal "/Users/ada/notes.txt"))
(allow file-write-data
  (subpath "/dev/null")
  (subpath "/dev/zero"))
(allow file-write*
  (subpath "/private/var/folders/zz/T/dlrpc-1/temporary")
  (subpath "/Users/ada/work")
  (literal "/Users/ada/notes.txt"))
(deny file-write-unlink
  (literal "/Users/ada/work")
  (literal "/Users/ada/notes.txt")
  (literal "/private/var/folders/zz/T/dlrpc-1/temporary"))
(deny file-write-flags file-write-acl file-write-owner file-write-setugid)
(deny mach-lookup (xpc-service-name-prefix ""))
(deny system-fcntl (fcntl-command 80 110))
`);
});

test("what each grant adds to the text, and to nothing else", () => {
  const plain = sandboxProfile({ profile: "standard", ...nothing }, none);
  const added = (grants: Partial<typeof nothing>) => {
    const lines = sandboxProfile({ profile: "standard", ...nothing, ...grants }, none).split("\n");
    return lines.filter((line) => !plain.split("\n").includes(line)).join("\n");
  };
  expect(
    added({ network: true }),
  ).toBe(`(allow system-socket (require-all (socket-domain AF_SYSTEM) (socket-protocol 2)) (socket-domain AF_ROUTE))
(allow network-outbound
  (remote ip "*:*")
  (literal "/private/var/run/mDNSResponder")
  (control-name "com.apple.netsrc"))
(allow network-inbound network-bind
  (local ip "*:*"))
  (global-name "com.apple.SystemConfiguration.DNSConfiguration")
  (global-name "com.apple.SystemConfiguration.configd")
  (global-name "com.apple.dnssd.service")
  (global-name "com.apple.networkd")
  (global-name "com.apple.trustd.agent"))`);
  expect(added({ exec: true })).toBe("  (target same-sandbox))\n(allow process-fork)\n(allow process-exec*)");
  expect(added({ gpu: true })).toBe(`(allow iokit-get-properties)
(allow iokit-open
  (iokit-connection "IOAccelerator")
  (iokit-user-client-class "AGXDeviceUserClient")
  (iokit-user-client-class "IOAccelerationUserClient")
  (iokit-user-client-class "IOSurfaceRootUserClient")
  (iokit-user-client-class "IOSurfaceSendRight"))
  (global-name "com.apple.MTLCompilerService")
  (xpc-service-name "com.apple.MTLCompilerService"))`);
});

const strict = sandboxProfile({ profile: "strict", ...nothing }, places);
const standard = sandboxProfile({ profile: "standard", ...nothing }, places);
const strictWithAll = sandboxProfile({ profile: "strict", network: true, exec: true, gpu: true }, places);
const temporary = "/private/var/folders/zz/T/dlrpc-1/temporary";

test.each([
  ["strict", strict],
  ["standard", standard],
])("%s: what is written, and what is not", (_, profile) => {
  for (const path of [`${temporary}/x`, "/Users/ada/work/x", "/Users/ada/work/deep/er"])
    for (const operation of [
      "file-write-data",
      "file-write-create",
      "file-write-unlink",
      "file-write-mode",
      "file-read-data",
    ])
      expect([path, operation, mayDo(profile, operation, path)]).toEqual([path, operation, true]);
  expect(mayDo(profile, "file-write-data", "/Users/ada/notes.txt")).toBe(true);
  expect(mayDo(profile, "file-write-data", "/dev/null")).toBe(true);
  const refused = ["/Users/ada", "/Users/ada/workshop/x", "/Users/ada/plugins/hello/libhello.dylib", "/dev/disk0", "/"];
  for (const path of refused) expect([path, mayDo(profile, "file-write-data", path)]).toEqual([path, false]);
  // What was granted is neither removed nor renamed, and nothing is kept from whoever removes it.
  for (const path of [temporary, "/Users/ada/work", "/Users/ada/notes.txt"])
    expect([path, mayDo(profile, "file-write-unlink", path)]).toEqual([path, false]);
  for (const operation of ["file-write-flags", "file-write-acl", "file-write-owner", "file-write-setugid"])
    expect([operation, mayDo(profile, operation, "/Users/ada/work/x")]).toEqual([operation, false]);
});

test("strict reads libraries, the plugin and what was granted; standard all but devices; both load code from there", () => {
  const everywhere = [
    "/usr/lib/libz.dylib",
    "/Users/ada/plugins/hello/plugin.json",
    "/private/var/folders/zz/T/dlrpc-1/libraries/x",
  ];
  const elsewhere = [
    "/Users/ada/.ssh/id_ed25519",
    "/Users/ada/plugins/other/x",
    "/private/etc/master.passwd",
    "/System/Volumes/Data/x",
  ];
  for (const operation of ["file-read-data", "file-map-executable"]) {
    for (const path of everywhere) expect([path, mayDo(strict, operation, path)]).toEqual([path, true]);
    for (const path of elsewhere) expect([path, mayDo(strict, operation, path)]).toEqual([path, false]);
    for (const path of [...everywhere, ...elsewhere])
      expect([path, mayDo(standard, operation, path)]).toEqual([path, true]);
  }
  for (const profile of [strict, standard]) {
    for (const path of ["/dev/null", "/dev/urandom", "/dev/fd/3"])
      expect(mayDo(profile, "file-read-data", path)).toBe(true);
    for (const path of ["/dev/ttys001", "/dev/disk0", "/dev/nullx"])
      expect(mayDo(profile, "file-read-data", path)).toBe(false);
    expect(mayDo(profile, "file-read-metadata", "/Users/ada/.ssh/id_ed25519")).toBe(true); // what is there is no secret
  }
});

test("a device that is granted by name is read", () => {
  const granted = { ...none, read: [{ path: "/dev/cu.usbserial", isDirectory: false }] };
  for (const profile of ["standard", "strict"] as const) {
    const text = sandboxProfile({ profile, ...nothing }, granted);
    expect(mayDo(text, "file-read-data", "/dev/cu.usbserial")).toBe(true);
    expect(mayDo(text, "file-write-data", "/dev/cu.usbserial")).toBe(false);
  }
});

test("programs and the network are there with their grants only", () => {
  for (const profile of [strict, standard]) {
    expect(mayDo(profile, "process-fork", "")).toBe(false);
    expect(mayDo(profile, "process-exec", "/bin/sh")).toBe(false);
    expect(mayDo(profile, "network-outbound", "/private/var/run/mDNSResponder")).toBe(false);
  }
  expect(mayDo(strictWithAll, "process-fork", "")).toBe(true);
  expect(mayDo(strictWithAll, "process-exec", "/bin/sh")).toBe(true);
  expect(mayDo(strictWithAll, "process-exec", "/Users/ada/other")).toBe(false);
  expect(mayDo(strictWithAll, "network-outbound", "/private/var/run/mDNSResponder")).toBe(true);
  expect(mayDo(strictWithAll, "network-outbound", "/private/var/run/docker.sock")).toBe(false);
  expect(mayDo(strictWithAll, "file-read-data", "/Users/ada/certificates.pem")).toBe(true);
  expect(mayDo(strict, "file-read-data", "/Users/ada/certificates.pem")).toBe(false);
});

test.each([
  '/Users/ada/"quoted"',
  "/Users/ada/back\\slash\\",
  '/Users/ada/") (allow default) (literal "',
  "/Users/ada/(.*)[a-z]+$^",
  "/Users/ada/#t ; no comment",
  "/Users/ada/two\nlines",
  "/Users/ada/ä 字 🦊",
])("a path is a path, whatever is in it: %j", (path) => {
  const text = sandboxProfile({ profile: "strict", ...nothing }, { ...none, write: [{ path, isDirectory: true }] });
  const plain = sandboxProfile(
    { profile: "strict", ...nothing },
    { ...none, write: [{ path: "/x", isDirectory: true }] },
  );
  expect(JSON.stringify(read(text)).replaceAll(JSON.stringify(`"${path}`), JSON.stringify('"/x'))).toBe(
    JSON.stringify(read(plain)),
  );
  expect(mayDo(text, "file-write-data", `${path}/x`)).toBe(true);
  expect(mayDo(text, "file-write-data", "/Users/ada/other")).toBe(false);
});

test.each([
  ["/tmp", "/private/tmp"],
  ["/tmp/x", "/private/tmp/x"],
  ["/var/folders/x", "/private/var/folders/x"],
  ["/etc/ssl", "/private/etc/ssl"],
  ["/private/tmp/x", "/private/tmp/x"],
  ["/tmpx", "/tmpx"],
  ["/variable/x", "/variable/x"],
])("the links of every Mac lead into /private: %s", (path, canonical) => {
  const write = [{ path, isDirectory: true }];
  const text = sandboxProfile({ profile: "strict", ...nothing }, { ...none, write });
  expect(text).toContain(`(allow file-write*\n  (subpath "${canonical}"))`);
  expect(text).toContain(`(deny file-write-unlink\n  (literal "${canonical}"))`);
});

test("all of the disk can be granted", () => {
  const text = sandboxProfile({ profile: "strict", ...nothing }, { ...none, read: [{ path: "/", isDirectory: true }] });
  expect(mayDo(text, "file-read-data", "/Users/ada/.ssh/id_ed25519")).toBe(true);
  expect(mayDo(text, "file-write-data", "/Users/ada/.ssh/id_ed25519")).toBe(false);
});

test("where nothing is granted no rule is without a filter, as it would be on everything", () => {
  const unfiltered = read(sandboxProfile({ profile: "strict", ...nothing }, none)).filter((form) => {
    return (form as Form[]).every((part) => typeof part === "string");
  });
  expect(unfiltered.map((form) => (form as string[]).join(" "))).toEqual([
    "version 1",
    "deny default",
    "deny process-info* nvram* iokit-get-properties file-map-executable",
    "allow sysctl-read",
    "allow file-read-metadata",
    "deny file-write-flags file-write-acl file-write-owner file-write-setugid",
  ]);
});

test.each(["work", "", "./work", "~/work"])("a path that is not absolute is refused: %j", (path) => {
  const write = [{ path, isDirectory: true }];
  expect(() => sandboxProfile({ profile: "strict", ...nothing }, { ...none, write })).toThrow(
    `${JSON.stringify(path)} is no absolute path, which a sandbox profile needs`,
  );
});
