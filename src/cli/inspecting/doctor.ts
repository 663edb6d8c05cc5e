// `dlrpc doctor`: what works on this machine, asked in the same ways as by what needs it.

import type { Check } from "../../sandbox/doctor-check.ts";
import { sessionOf } from "../calling/trial/find-plugin.ts";
import { parseOptions } from "../options.ts";
import { print, printJson } from "../text/output.ts";
import { type Style, styled, table } from "../text/table.ts";
import { oneLine } from "../text/terminal.ts";
import { pluginChecks } from "./doctor/plugins.ts";
import { programChecks } from "./doctor/program.ts";
import { sandboxChecks } from "./doctor/sandbox.ts";
import { compilerCheck } from "./doctor/tools.ts";
import { doctorVerb } from "./verbs.ts";

const NOT_WELL = 1;
const styles: Readonly<Record<Check["state"], Style>> = { ok: "green", note: "yellow", bad: "red" };

/** @returns the exit status: 1 where something that is needed is not there @throws UsageError, CommandError */
export async function runDoctor(args: readonly string[]): Promise<number> {
  const options = parseOptions(doctorVerb, args);
  const session = sessionOf(options, undefined);
  const checks = [...programChecks(), ...sandboxChecks(), ...(await pluginChecks(session)), compilerCheck()];
  const isWell = checks.every(({ state }) => state !== "bad");
  if (options.has("json")) printJson({ ok: isWell, checks });
  else print(text(checks));
  return isWell ? 0 : NOT_WELL;
}

function text(checks: readonly Check[]): string {
  const rows = checks.map(({ topic, state, found }) => [
    { text: state, style: styles[state] },
    { text: topic },
    { text: found },
  ]);
  const lines = table(rows).trimEnd().split("\n");
  return checks
    .map(({ remedy }, i) => `${lines[i]}\n${remedy === undefined ? "" : `      ${styled(oneLine(remedy), "bold")}\n`}`)
    .join("");
}
