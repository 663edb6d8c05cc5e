// S16: what the kernel counts for all of a user's processes together is not used up by a plugin.

import { describe, expect, test } from "vitest";
import { attempt, loadAttack, Surroundings, users } from "../support/confined.ts";

const profiles = ["standard", "strict"];

describe.each(users)("S16: as $name", (user) => {
  /** What came of an attempt, in a plugin that is confined like this. */
  async function outcome(sandbox: object, name: string): Promise<string> {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, sandbox);
    return await attempt(host, handle, { do: name, path: surroundings.outside });
  }

  test.each(profiles)("%s: asynchronous I/O is missing, and pipes keep their size", async (profile) => {
    expect(await outcome({ profile }, "asynchronous_io")).toBe("ENOSYS");
    expect(await outcome({ profile }, "enlarge_pipe")).toBe("EPERM");
  });

  test.each([
    [{ profile: "standard" }, "done"],
    [{ profile: "strict" }, "EPERM"],
    [{ profile: "strict", read: ["../outside"], write: ["../outside"] }, "EPERM"],
    [{ profile: "strict", read: ["/"] }, "done"],
  ])("inotify tells names: it is there where everything may be read, %j", async (sandbox, expected) => {
    expect(await outcome(sandbox, "watch")).toBe(expected);
  });

  test.each(["signal_bomb", "timer_bomb"])("%s ends in an error, and the next one as well", async (bomb) => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, {});
    for (const _ of [1, 2]) expect(await attempt(host, handle, { do: bomb })).toBe("EAGAIN");
  });

  test("while a plugin has descriptors on their way, others of the user may send some", async () => {
    // As most programs are limited.
    const through = [...user.through, "sh", "-c", 'ulimit -n 1024 && exec "$@"', "sh"];
    using surroundings = new Surroundings({ ...user, through });
    await using host = await surroundings.host();
    const other = await loadAttack(host, { profile: "none" });
    const handle = await loadAttack(host, {});
    // ETOOMANYREFS, which Node has no name for
    expect(await attempt(host, handle, { do: "send_many_descriptors" })).toBe("errno 109");
    expect(await attempt(host, other, { do: "send_descriptor" })).toBe("done");
  });
});
