// S12: devices are those on a list; what a person types on another terminal is not a plugin's to take.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { attempt, loadAttack, Surroundings, type User, users } from "../support/confined.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";

const harmless = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];
const others = ["/dev/tty", "/dev/ptmx", "/dev/console", "/dev/kmsg", "/dev/loop0", "/dev/input", "/dev/snd"];

/** A program that waits for a line to be typed on a terminal of its own. */
class Person implements AsyncDisposable {
  private readonly child: ChildProcess;
  private text = "";

  constructor({ through }: User) {
    const command = [...through, "script", "-qefc", 'tty; read -r line; echo "it read $line"', "/dev/null"];
    this.child = spawn(command[0] as string, command.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
    (this.child.stdout as Readable).setEncoding("utf8").on("data", (text: string) => {
      this.text += text;
    });
  }

  async terminal(): Promise<string> {
    return (await this.said(/^(\/dev\/\S+)\r/m))[1] as string;
  }

  type(line: string): void {
    (this.child.stdin as Writable).write(`${line}\n`);
  }

  async said(what: RegExp): Promise<RegExpExecArray> {
    await expect.poll(() => this.text).toMatch(what);
    return what.exec(this.text) as RegExpExecArray;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
  }
}

describe.each(users)("S12: as $name", (user) => {
  describe.each(["standard", "strict"])("%s:", (profile) => {
    test("devices that tell nothing are read, and no others", async () => {
      using surroundings = new Surroundings(user);
      await using host = await surroundings.host();
      const handle = await loadAttack(host, { profile });
      const reach = (path: string) => attempt(host, handle, { do: "open_read", path });
      for (const path of harmless) expect([path, await reach(path)]).toEqual([path, "done"]);
      for (const path of others.filter((path) => existsSync(path)))
        expect([path, await reach(path)]).toEqual([path, "EACCES"]);
    });

    test.skipIf(lacks("script"))(
      "what a person types on another terminal stays theirs, unless it is granted",
      async () => {
        await using person = new Person(user);
        const terminal = await person.terminal();
        using surroundings = new Surroundings(user);
        await using host = await surroundings.host();
        const reach = async (sandbox: object) =>
          attempt(host, await loadAttack(host, sandbox), { do: "open_read", path: terminal });
        expect(await reach({ profile })).toBe("EACCES");
        expect(await reach({ profile, exec: true })).toBe("EACCES");
        expect(await reach({ profile, read: [terminal] })).toBe("done");
        person.type("a secret");
        await person.said(/it read a secret/);
      },
    );
  });

  test("standard: all else is read as before, and directories are listed", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, {});
    for (const path of ["/", "/dev", "/etc", "/proc", "/tmp", surroundings.outside, "/dev/fd"])
      expect([path, await attempt(host, handle, { do: "list", path })]).toEqual([path, "done"]);
    for (const path of ["/etc/passwd", "/proc/version", surroundings.file, "/dev/stdin"])
      expect([path, await attempt(host, handle, { do: "open_read", path })]).toEqual([path, "done"]);
  });

  test("standard: shared memory that others have put into /dev/shm is read", async () => {
    const path = `/dev/shm/dlrpc-test-${process.pid}-${user.uid}`;
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, {});
    writeFileSync(path, "");
    try {
      expect(await attempt(host, handle, { do: "open_read", path })).toBe("done");
    } finally {
      rmSync(path);
    }
  });
});

test("S7: a device of plugin.json's wishes is one that is not granted", async () => {
  using surroundings = new Surroundings(users[0] as User);
  using plugins = new PluginDirectory();
  const permissions = { read: ["/dev/null", "/dev/tty", "/dev/shm", "/nowhere"] };
  const made = plugins.add("attack", { library: "attack", manifest: { permissions } });
  await using host = await surroundings.host({ trust: [plugins.path] });
  const { warnings } = await host.result("plugin/load", { path: made });
  expect(warnings).toMatchObject([
    { message: 'plugin.json asks for read: ["/dev/tty"], which is not granted', code: "PERMISSIONS_NOT_GRANTED" },
  ]);
});
