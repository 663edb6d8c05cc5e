// S3, S4: what a confined plugin tries to get out by, from every kind of thread, under each profile and grant, as root and
// as an ordinary user; and the errno that it meets.

import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attempt, loadAttack, Surroundings, type User, users } from "../support/confined.ts";
import type { Host } from "../support/host.ts";

type Expected = Record<string, string>;
const all = (outcome: string, ...attempts: string[]): Expected =>
  Object.fromEntries(attempts.map((name) => [name, outcome]));

const onFiles = all(
  "EACCES",
  ...["open_write", "create", "truncate", "truncate_by_reading", "link", "symlink", "rename", "unlink"],
  ...["mkdir", "mkfifo"],
);
const onAttributes = {
  ...all("EPERM", "chmod", "fchmod", "chown", "utimes", "set_flags"),
  ...all("EOPNOTSUPP", "setxattr"),
};
const onReading = all("done", "open_read", "list");
const onInternet = all("EPERM", "tcp", "tcp_listen", "udp");
const onOtherSockets = all(
  "EPERM",
  ...["raw_socket", "netlink", "packet", "unix_socket", "abstract_socket", "datagram_from_pair"],
);
const onPackets = ["packet_socket", "abstract_packet_socket", "wait_at_packet_socket"];
const onProcesses = { ...all("EPERM", "fork", "vfork", "spawn"), ...all("ECANCELED", "system", "spawn_and_signal") };
/** Where they are granted they take the place of the plugin's process, which would end the test. */
const onExec = all("EPERM", "execve", "execveat");
const onNamespaces = all(
  "EPERM",
  ...["clone_new_user", "clone_as_sibling", "unshare_user", "unshare_mounts", "mount", "chroot", "setsid", "setpgid"],
);
const onOthers = {
  ...all("EPERM", "kill", "kill_group", "tkill", "tgkill", "sigqueue", "pidfd_signal", "pidfd_getfd", "set_owner"),
  ...all("EPERM", "ptrace", "process_vm_read", "process_vm_write"),
  ...all("EACCES", "proc_mem", "proc_environ", "proc_maps"),
  ...all("EPERM", "priority_of_other", "affinity_of_other", "limit_of_other"),
};
const onEveryone = all("EPERM", "kill_all");
const onKernel = {
  ...all("ENOSYS", "io_uring", "clone3", "unknown_call", ...(process.arch === "x64" ? ["x32_call"] : [])),
  ...all("EPERM", "bpf", "perf_event", "userfault", "add_key", "shared_memory", "message_queue", "type_for_user"),
  ...all("EPERM", "forget_broker", "adopt", "allow_tracing", "take_capability", "raise_limit", "dump_core"),
  ...all("EINVAL", "new_privileges", "drop_filter"),
};

const standard: Expected = {
  ...onFiles,
  ...onAttributes,
  ...onReading,
  ...onInternet,
  ...onOtherSockets,
  ...all("EPERM", ...onPackets),
  ...onProcesses,
  ...onExec,
  ...onNamespaces,
  ...onOthers,
  ...onEveryone,
  ...onKernel,
};
const strict: Expected = { ...standard, ...all("EACCES", "open_read", "list", "fchmod", "set_flags") };
const withNetwork = all("done", ...Object.keys(onInternet));
const { execve: _, execveat: __, ...besidesExec } = standard;
/** Signals to everyone reach only what the plugin has started; that nobody else hears them is no error. */
const withExec = all("done", ...Object.keys(onProcesses), "kill_all");
/** Connections find nobody there, whatever they lead to (gpu.test.ts). */
const withGpu = { ...all("ECONNREFUSED", ...onPackets), wait_at_packet_socket: "done" };
const withoutExec = (expected: Expected) =>
  Object.fromEntries(Object.entries(expected).filter(([name]) => Object.hasOwn(besidesExec, name)));

/** What lies outside of what is granted stays out of reach. */
const confinements: [string, object, Expected][] = [
  ["standard", { profile: "standard" }, standard],
  ["standard with network", { profile: "standard", network: true }, { ...standard, ...withNetwork }],
  ["standard with exec", { profile: "standard", exec: true }, { ...withoutExec(standard), ...withExec }],
  ["standard with gpu", { profile: "standard", gpu: true }, { ...standard, ...withGpu }],
  [
    "standard with gpu and network",
    { profile: "standard", gpu: true, network: true },
    { ...standard, ...withNetwork, ...withGpu },
  ],
  ["standard with read and write", { profile: "standard", read: ["../granted"], write: ["../granted"] }, standard],
  ["strict", { profile: "strict" }, strict],
  ["strict with network", { profile: "strict", network: true }, { ...strict, ...withNetwork }],
  ["strict with exec", { profile: "strict", exec: true }, { ...withoutExec(strict), ...withExec }],
  ["strict with gpu", { profile: "strict", gpu: true }, { ...strict, ...withGpu }],
  ["strict with read", { profile: "strict", read: ["../granted"] }, strict],
  ["strict with write", { profile: "strict", write: ["../granted"] }, strict],
  // Where it is recorded what is refused, it is refused by dlrpc in the place of a filter, and no less (S21).
  ["standard, explained", { profile: "standard", explain: true }, standard],
  ["strict, explained", { profile: "strict", explain: true }, strict],
  [
    "strict with network, explained",
    { profile: "strict", network: true, explain: true },
    { ...strict, ...withNetwork },
  ],
  [
    "standard with exec, explained",
    { profile: "standard", exec: true, explain: true },
    { ...withoutExec(standard), ...withExec },
  ],
  ["standard with gpu, explained", { profile: "standard", gpu: true, explain: true }, { ...standard, ...withGpu }],
];

const abstractName = `dlrpc-test-${process.pid}`;
let tcp: Server;

beforeAll(async () => {
  tcp = createServer();
  await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
});
afterAll(() => tcp.close());

/** What an attempt is made on. */
function inputOf(name: string, surroundings: Surroundings, host: Host): object {
  const { file, outside } = surroundings;
  const paths: Record<string, string> = {
    list: outside,
    mount: outside,
    abstract_socket: abstractName,
    abstract_packet_socket: abstractName,
  };
  const { port } = tcp.address() as { port: number };
  return { path: paths[name] ?? file, target: join(outside, "new"), pid: host.child.pid, port };
}

/** The one that the call is on, one that the plugin starts, and another that was there. */
const threads = ["main", "thread", "signal"];

/** What came of the attempts, from one kind of thread after the other. */
async function outcomes(user: User, sandbox: object, names: readonly string[]): Promise<Record<string, Expected>> {
  using surroundings = new Surroundings(user);
  surroundings.own(surroundings.directory("granted"));
  await using host = await surroundings.host({ args: ["--concurrency=2"] });
  const handle = await loadAttack(host, sandbox);
  const found: Record<string, Expected> = {};
  for (const from of threads) {
    found[from] = {};
    for (const name of names) {
      const input = { do: name, from, ...inputOf(name, surroundings, host) };
      found[from][name] = await attempt(host, handle, input);
    }
  }
  return found;
}

const fromEach = (expected: Expected) => Object.fromEntries(threads.map((from) => [from, expected]));

describe.each(users)("S3, S4: as $name", (user) => {
  test.each(confinements)("%s: every attempt fails, from every kind of thread", async (_name, sandbox, expected) => {
    expect(await outcomes(user, sandbox, Object.keys(expected))).toEqual(fromEach(expected));
  });

  test.runIf(process.arch === "x64")("a system call in another architecture's form ends the process", async () => {
    expect(await outcomes(user, {}, ["i386_call"])).toEqual(fromEach({ i386_call: "SIGSYS" }));
  });

  test("without a sandbox the same attempts do get out, so it is the sandbox that stops them", async () => {
    const possible = [
      ...["open_write", "create", "chmod", "utimes", "open_read", "list", "tcp", "tcp_listen", "udp", "netlink"],
      ...["fork", "vfork", "spawn", "system", "spawn_and_signal", "clone3", "kill", "tkill", "tgkill", "sigqueue"],
      ...["pidfd_signal", "set_owner", "priority_of_other", "add_key", "shared_memory", "forget_broker", "adopt"],
    ];
    const { main } = await outcomes(user, { profile: "none" }, possible);
    expect(main).toEqual(all("done", ...possible));
  });
});
