// `dlrpc verify`: whether `dlrpc serve --require-signature` would take a plugin.

import { absolute } from "../../base/absolute-path.ts";
import { InspectedPlugin, type PluginFiles } from "../../plugins/inspected-plugin.ts";
import { trusting } from "../../plugins/inspection.ts";
import { onlyOperand, parseOptions, UsageError } from "../options.ts";
import { say } from "../text/output.ts";
import { readPublicKeys } from "./signature-policy.ts";
import { verifyVerb } from "./verbs.ts";

const NOT_AS_SIGNED = 1;

/** @returns the exit status: 0, or 1 where the plugin is not as it was signed @throws UsageError, DlrpcError */
export async function runVerify(args: readonly string[]): Promise<number> {
  const options = parseOptions(verifyVerb, args);
  const directory = onlyOperand(options, "verify needs the plugin's directory", "verify looks at one plugin");
  const keys = readPublicKeys(options, "key");
  if (keys.length === 0) throw new UsageError("verify needs --key KEYFILE: the public key of whoever has signed");

  const path = absolute(directory);
  const plugin = await InspectedPlugin.of(path, trusting([path], { keys, required: true }));
  const failures = plugin.problems.filter(({ code }) => code === "INTEGRITY_FAILED");
  if (failures.length > 0) {
    say(failures.map(({ message, hint }) => `${message}\n  ${hint}\n`).join(""));
    return NOT_AS_SIGNED;
  }
  say(describe(plugin.requireLoadable().files));
  return 0;
}

function describe({ path, signature, warnings }: PluginFiles): string {
  const signed = `${path}: signed with ${signature?.keyId}, and the library is the one that was signed\n`;
  const comment = `trusted comment: ${signature?.comment}\n`;
  return signed + comment + warnings.map(({ message }) => `warning: ${message}\n`).join("");
}
