// dlrpc and minisign read each other's keys and signatures, with a password and without (T6).

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { run } from "../support/run.ts";
import { KeyDirectory, type KeyPair, minisign, succeed } from "../support/signing.ts";

const PASSWORD = "pässword with spaces";
const SLOW_MS = 300_000;

describe.skipIf(lacks("minisign"))("T6: keys and signatures of dlrpc and minisign are the same", () => {
  /** A plugin, signed by dlrpc with the comment `by dlrpc: ä`, verified by both. */
  async function signedByDlrpc(plugins: PluginDirectory, pair: KeyPair, ...password: string[]): Promise<string> {
    const directory = plugins.add("made");
    await succeed(["sign", directory, "--key", pair.secret, "--comment", "by dlrpc: ä", ...password]);
    const manifest = join(directory, "plugin.json");
    expect(minisign(["-V", "-H", "-p", pair.public, "-m", manifest])).toContain("Trusted comment: by dlrpc: ä\n");
    const own = await succeed(["verify", directory, "--key", pair.public]);
    expect(own).toContain(`signed with ${pair.id}`);
    expect(own).toContain("trusted comment: by dlrpc: ä\n");
    return directory;
  }

  /** The same plugin, signed again by minisign, verified by both. */
  async function signedByMinisign(directory: string, pair: KeyPair, password = ""): Promise<void> {
    const manifest = join(directory, "plugin.json");
    minisign(["-S", "-s", pair.secret, "-m", manifest, "-t", "by minisign: ä"], password);
    minisign(["-V", "-p", pair.public, "-m", manifest]);
    const verified = await succeed(["verify", directory, "--key", pair.public]);
    expect(verified).toContain("trusted comment: by minisign: ä\n");
  }

  const makers = {
    minisign: async (keys: KeyDirectory) => keys.minisign("k"),
    dlrpc: (keys: KeyDirectory) => keys.generate("k"),
  };

  test.each(Object.entries(makers))("a key without a password, made by %s", async (_, make) => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const pair = await make(keys);
    const directory = await signedByDlrpc(plugins, pair);
    await signedByMinisign(directory, pair);
    const manifest = join(directory, "plugin.json");
    writeFileSync(manifest, `${readFileSync(manifest, "utf8")} `);
    expect(() => minisign(["-V", "-p", pair.public, "-m", manifest])).toThrow(/verification failed/);
    const changed = await run(["verify", directory, "--key", pair.public]);
    expect([changed.status, changed.stdout]).toEqual([1, expect.stringContaining("not made by the key")]);
  });

  // Trying a password takes seconds and 1 GiB, as minisign wants it.
  test("a key with a password, made by minisign and used by dlrpc", { timeout: SLOW_MS }, async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const pair = keys.minisign("k", PASSWORD);
    await signedByDlrpc(plugins, pair, "--password-file", keys.file("password", `${PASSWORD}\n`));
  });

  test("a key with a password, made by dlrpc and used by minisign", { timeout: SLOW_MS }, async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const other = await keys.generate("other");
    const directory = await signedByDlrpc(plugins, other);
    const [secret, file] = [join(keys.path, "k.key"), keys.file("password", PASSWORD)];
    await succeed(["keygen", "--key", secret, "--password-file", file]);
    const pair = { secret, public: join(keys.path, "k.pub"), id: "" };
    await signedByMinisign(directory, pair, `${PASSWORD}\n`);
  });

  test("a key whose password is tried with other limits", async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const pair = await keys.withPassword("k", PASSWORD);
    const directory = await signedByDlrpc(plugins, pair, "--password-file", keys.file("password", PASSWORD));
    await signedByMinisign(directory, pair, `${PASSWORD}\n`);
  });

  test("the public key that minisign derives from dlrpc's secret key is the one that dlrpc wrote", async () => {
    using keys = new KeyDirectory();
    const pair = await keys.generate("k");
    const derived = join(keys.path, "derived.pub");
    minisign(["-R", "-s", pair.secret, "-p", derived]);
    const base64 = (path: string) => readFileSync(path, "utf8").split("\n")[1];
    expect(base64(derived)).toBe(base64(pair.public));
  });

  test("minisign's legacy form is refused, though minisign takes it", async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const pair = keys.minisign("k");
    const directory = plugins.add("made");
    const manifest = join(directory, "plugin.json");
    await succeed(["sign", directory, "--key", pair.secret]);
    minisign(["-S", "-l", "-s", pair.secret, "-m", manifest]);
    minisign(["-V", "-p", pair.public, "-m", manifest]);
    const { status, stdout } = await run(["verify", directory, "--key", pair.public]);
    expect([status, stdout]).toEqual([1, expect.stringContaining("legacy form `Ed`")]);
  });
});
