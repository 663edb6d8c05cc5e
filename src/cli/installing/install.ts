// `dlrpc install` and `dlrpc update`: putting a plugin where it is found, without running any of it.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { DlrpcError } from "../../../protocol/errors.ts";
import { NameIndex, sharedName } from "../../plugins/find.ts";
import { InspectedPlugin, type InspectOptions, type PluginFiles } from "../../plugins/inspected-plugin.ts";
import { trusting } from "../../plugins/inspection.ts";
import { compareVersions } from "../../plugins/manifest/semver.ts";
import { noSignatures, type SignaturePolicy } from "../../plugins/trust/signature.ts";
import { defaultTrustedDirectories, userPlugins } from "../../plugins/trust/trust.ts";
import { CommandError, onlyOperand, type ParsedOptions, parseOptions } from "../options.ts";
import { signaturePolicy } from "../signing/signature-policy.ts";
import { print } from "../text/output.ts";
import { problemLines } from "../text/problem-lines.ts";
import { oneLine } from "../text/terminal.ts";
import { isOfSystem, PluginsPlace, pluginRoot } from "./source/plugins-place.ts";
import { unpack } from "./source/source.ts";
import { installVerb, updateVerb } from "./verbs.ts";

const NOT_NEWER = 1;

/** @returns the exit status: 1 where what is there is as new @throws UsageError, CommandError, DlrpcError */
export function runInstall(args: readonly string[]): Promise<number> {
  return install(parseOptions(installVerb, args), "install");
}

/** As `runInstall`, for a plugin that is there. */
export function runUpdate(args: readonly string[]): Promise<number> {
  return install(parseOptions(updateVerb, args), "update");
}

async function install(options: ParsedOptions, verb: "install" | "update"): Promise<number> {
  const source = onlyOperand(options, `${verb} needs a plugin's directory or archive`, `${verb} takes one plugin`);
  const signatures = signaturePolicy(options);
  using place = PluginsPlace.make(userPlugins(process.env) ?? noHome());
  const putting = put(source, place, { signatures, mayReplace: options.has("force"), verb });
  const { said, status } = await putting.catch((error) => {
    if (!isOfSystem(error)) throw error;
    throw new CommandError(`${source} cannot be installed in ${place.path}: ${error.message}`);
  });
  print(said);
  return status;
}

interface How {
  readonly signatures: SignaturePolicy;
  /** Whether also what is as new. */
  readonly mayReplace: boolean;
  readonly verb: "install" | "update";
}

async function put(source: string, place: PluginsPlace, how: How): Promise<{ said: string; status: number }> {
  const unpacked = place.stage("new");
  await unpack(source, unpacked);
  const root = pluginRoot(unpacked) ?? noPlugin(source);
  const policy = trusting([place.path], how.signatures);
  const { files, name } = await examine(source, root, policy);
  const there = await versionOf(place, name, policy);
  if (how.verb === "update" && there === undefined) {
    const hint = "dlrpc install puts it there.";
    throw new DlrpcError("PATH_NOT_FOUND", `${name} is not in ${place.path}, and so cannot be updated`, { hint });
  }
  const objection = there === undefined || how.mayReplace ? undefined : objectionTo(files.manifest.version, there);
  if (objection !== undefined) return { said: `${oneLine(`${name}: ${objection}`)}\n`, status: NOT_NEWER };
  place.put(root, name);
  return { said: await report(place, name, { files, ...(there !== undefined && { there }) }), status: 0 };
}

/** @throws DlrpcError for what would not load */
async function examine(
  source: string,
  root: string,
  policy: InspectOptions,
): Promise<{ files: PluginFiles; name: string }> {
  try {
    const { files } = (await InspectedPlugin.of(root, policy)).requireLoadable();
    return { files, name: files.manifest.name };
  } catch (error) {
    if (!(error instanceof DlrpcError)) throw error;
    const { kind, message, details } = error;
    const named = (text: string) => text.replaceAll(root, source); // where it lies for now is no place that people know
    const hint = typeof details.hint === "string" ? { hint: named(details.hint) } : {};
    throw new DlrpcError(kind, named(message), { ...details, ...hint });
  }
}

/** @returns the version that is installed, `?` where it does not say; undefined where there is none @throws CommandError */
async function versionOf({ path }: PluginsPlace, name: string, policy: InspectOptions): Promise<string | undefined> {
  const target = join(path, name);
  if (!existsSync(target)) return undefined;
  if (!existsSync(join(target, "plugin.json"))) {
    throw new CommandError(`${target} is no plugin, and stays; move it away, or rename the plugin`);
  }
  const { manifest } = await InspectedPlugin.ofManifest(target, {
    ...policy,
    signatures: noSignatures,
    untrusted: "report",
  });
  return manifest?.version ?? "?";
}

/** @returns why a version does not go over the one that is there, as a sentence */
function objectionTo(version: string, there: string): string | undefined {
  const order = compareVersions(there, version);
  if (order === undefined) return `${there} is there, and cannot be compared with ${version}; --force writes over it`;
  if (order < 0) return undefined;
  return order === 0
    ? `${there} is there already; --force installs it again`
    : `${there} is there, which is newer than ${version}; --force writes over it`;
}

async function report(
  place: PluginsPlace,
  name: string,
  { files, there }: { files: PluginFiles; there?: string },
): Promise<string> {
  const path = join(place.path, name);
  const policy = trusting(defaultTrustedDirectories(process.env));
  const shared = sharedName(await InspectedPlugin.ofManifest(path, policy), await NameIndex.of(policy));
  const warnings = [...files.warnings, ...(shared === undefined ? [] : [shared])];
  const { signature, manifest } = files;
  const before = there === undefined ? "" : `, in the place of ${there}`;
  const signed = signature === null ? "" : `signed with ${signature.keyId}\n`;
  const head = `${oneLine(`${name} ${manifest.version} is installed in ${path}${before}`)}\n${signed}`;
  return (
    head +
    problemLines(warnings.map((warning) => ({ ...warning, message: warning.message.replaceAll(files.path, path) })))
  );
}

function noHome(): never {
  throw new CommandError("HOME is not set to an absolute path, and so there is no ~/.vtcode/plugins; set it");
}

function noPlugin(source: string): never {
  throw new CommandError(
    `${source} holds no plugin.json, neither itself nor in the one directory in it; plugins have one`,
  );
}
