// What `dlrpc exec` says when something goes wrong: the status, the words, and the same for programs.

import { chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { libraryName } from "../../../fixtures/plugins.ts";
import { type ErrorKind, errorKinds } from "../../../protocol/error-kinds.ts";
import { DlrpcError } from "../../../protocol/errors.ts";
import { execVerb } from "../../../src/cli/calling/verbs.ts";
import { fileStatuses, statusOfKind } from "../../../src/cli/exit-status.ts";
import { hintOf, inOptionTerms } from "../../../src/cli/option-terms.ts";
import { plugin } from "../../support/paths.ts";
import { PluginDirectory } from "../../support/plugin-directory.ts";
import { type Outcome, run } from "../../support/run.ts";

const kinds = Object.keys(errorKinds) as ErrorKind[];

const exec = (...args: string[]) => run(["exec", ...args]);

/** Has the hostile plugin do something. */
function hostile(what: string, ...args: string[]): Promise<Outcome> {
  return exec(plugin("hostile"), "--input", JSON.stringify({ do: what }), ...args);
}

describe("every kind of error has a status", () => {
  test.each(kinds)("%s", (kind) => {
    expect(Object.keys(execVerb.statuses)).toContain(String(statusOfKind(kind)));
  });

  test("help tells each", async () => {
    const { stdout } = await run(["help", "exec"]);
    for (const status of Object.keys(execVerb.statuses)) expect(stdout).toContain(`  ${status} `);
    const { stdout: sign } = await run(["help", "sign"]);
    for (const meaning of Object.values(fileStatuses)) expect(sign).toContain(meaning);
  });
});

describe("exec ends with", () => {
  test("1 for success:false", async () => {
    expect((await hostile("answer_failure")).status).toBe(1);
  });

  test("2 for what is not understood", async () => {
    expect((await exec()).status).toBe(2);
    expect((await exec(plugin("echo"), "--read", "/nowhere")).status).toBe(2);
  });

  test("3 for what is not found or not in order", async () => {
    using plugins = new PluginDirectory();
    expect((await exec("/nowhere")).status).toBe(3);
    expect((await exec(plugins.add("made", { manifest: "{" }))).status).toBe(3);
    expect((await exec(plugins.add("empty", { library: null }))).status).toBe(3);
    expect((await hostile("answer_not_json")).status).toBe(3);
  });

  test("4 for a crash", async () => {
    expect((await hostile("segv")).status).toBe(4);
    expect((await exec(plugin("crashes-at-load"))).status).toBe(4);
  });

  test("5 for a deadline", async () => {
    expect((await hostile("hang", "--timeout-ms=50")).status).toBe(5);
  });

  test("6 for what is refused", async () => {
    using plugins = new PluginDirectory();
    const made = plugins.add("made");
    chmodSync(made, 0o777);
    expect((await exec(made, "--strict-permissions")).status).toBe(6);
    expect(
      (await exec(plugins.add("signed", { manifest: { sha256: { [libraryName("signed")]: "0".repeat(64) } } }))).status,
    ).toBe(6);
  });
});

describe("--workspace", () => {
  test.each([
    ["/nowhere", "/nowhere is not there"],
    [join(plugin("echo"), "plugin.json"), "plugin.json is no directory"],
    [join(plugin("echo"), "plugin.json", "below"), "below is not there"],
    ["a".repeat(300), "cannot be looked at"],
  ])("%s is refused in one sentence", async (workspace, says) => {
    const { status, stdout, stderr } = await exec(plugin("echo"), `--workspace=${workspace}`);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^dlrpc: --workspace: .*; give a directory that is there \(dlrpc help .*\)\n$/);
    expect(stderr).toContain(says);
  });
});

describe("--error-format json", () => {
  const json = "--error-format=json";
  /** The last line, which is the error. */
  const errorOf = ({ stderr }: Outcome) => JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "");

  test("tells kind, message, hint and the data of the wire, behind what the plugin printed", async () => {
    const outcome = await hostile("segv", json);
    expect([outcome.status, outcome.stdout]).toEqual([4, ""]);
    expect(outcome.stderr).toMatch(/^about to fall\n\{.*\}\n$/);
    const error = errorOf(outcome);
    expect(Object.keys(error)).toEqual(["kind", "message", "hint", "data"]);
    expect(error).toMatchObject({
      kind: "PLUGIN_CRASHED",
      message: expect.stringContaining("SIGSEGV"),
      hint: expect.stringContaining("may have had effects"),
      data: { kind: "PLUGIN_CRASHED", signal: "SIGSEGV", stderrTail: "about to fall\n", sideEffectsUnknown: true },
    });
  });

  test("as two words, and of a load", async () => {
    const outcome = await exec("no-such-plugin", "--error-format", "json");
    expect([outcome.status, errorOf(outcome).kind]).toEqual([3, "PATH_NOT_FOUND"]);
    expect(outcome.stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test.each([
    ["an unknown option", ["--netwrok"], /--netwrok; did you mean --network\?/],
    ["an input that is not JSON", ["--input", "{"], /--input is not JSON/],
    ["a workspace that is not there", ["--workspace", "/nowhere"], /--workspace: \/nowhere is not there/],
    ["a key that is not there", ["--signature-key", "/nowhere"], /--signature-key: ENOENT/],
    ["a grant that is not there", ["--read", "/nowhere"], /^--read: \/nowhere is not there/],
  ])("of a command line that cannot be done: %s", async (_, args, message) => {
    const outcome = await exec(plugin("echo"), ...args, json);
    expect([outcome.status, outcome.stdout]).toEqual([2, ""]);
    expect(errorOf(outcome)).toMatchObject({ kind: "INVALID_PARAMS", message: expect.stringMatching(message) });
  });

  test("any other format is refused", async () => {
    const { status, stderr } = await exec(plugin("echo"), "--error-format", "xml");
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining("--error-format is `xml`, one of text, json is needed"),
    ]);
  });

  test("of a call that succeeds there is nothing", async () => {
    expect(await exec(plugin("hello-world"), json)).toMatchObject({ status: 0, stderr: "" });
  });
});

/** What a host says, and nobody who types a command. */
const protocolTerms =
  /\btimeoutMs\b|\bsandbox\.\w|"sandbox"|plugin\/\w|\w+Tail\b|initialize|workspaceRoot|trustedDirs|memoryMb/;

describe("hints are in the command line's own words", () => {
  /** What only hosts meet. */
  const ofHosts: readonly ErrorKind[] = ["METHOD_NOT_FOUND", "INVALID_REQUEST", "UNKNOWN_HANDLE"];

  test.each(kinds.filter((kind) => !ofHosts.includes(kind)))("%s", (kind) => {
    expect(hintOf(new DlrpcError(kind, "")) ?? "").not.toMatch(protocolTerms);
  });

  test("where memory, time, a library, trust or a permission is missing", async () => {
    using plugins = new PluginDirectory();
    const wish = plugins.add("wish", { manifest: { permissions: { network: true } } });
    const memory = await exec(plugin("memory"), "--input", '{"do":"own","mib":512}', "--memory-mb=64");
    expect(memory.stderr).toContain("\n  Ask for more with --memory-mb, or ");
    expect((await hostile("hang", "--timeout-ms=50")).stderr).toMatch(/\n {2}.*Allow more with --timeout-ms/);
    expect((await exec(wish)).stderr).toMatch(
      /PERMISSIONS_NOT_GRANTED: .*\n {2}Where .* give the options .*, or --grant-requested\.\n/,
    );
    expect((await exec(plugin("echo"), "--workspace", plugin("."))).stderr).not.toMatch(protocolTerms);
  });

  test("what hints say elsewhere is put into options", () => {
    for (const [hint, own] of [
      ['Grant it in plugin/load: "sandbox":{"read":["/opt"]}, or with dlrpc exec --read /opt', "Grant it: --read /opt"],
      [
        "Trust its directory with --trust, DLRPC_TRUSTED_DIRS or trustedDirs of initialize. Trusted now: none.",
        "Trust its directory with --trust or DLRPC_TRUSTED_DIRS. Trusted now: none.",
      ],
      ["Unload plugins, or allow more processes (ulimit -u, pids.max).", "Allow more processes (ulimit -u, pids.max)."],
      ["Load it without `explain`.", "Load it without --explain."],
    ] as const) {
      expect(inOptionTerms(hint)).toBe(own);
    }
  });
});
