// `dlrpc conformance`: tries a server against the transcripts of the protocol.

import { availableParallelism } from "node:os";
import { visible } from "../../base/visible.ts";
import { buildPlugins } from "../../conformance/plugins/build-plugins.ts";
import { NoPlugins } from "../../conformance/plugins/plugins.ts";
import { countOutcomes, type Outcome } from "../../conformance/report/outcome.ts";
import { type ReportFormat, report } from "../../conformance/report/report-data.ts";
import { describeOutcome, describeRules, describeSum } from "../../conformance/report/report-text.ts";
import { CannotStart } from "../../conformance/server/subject.ts";
import { runSuite, selectTranscripts } from "../../conformance/suite.ts";
import { rules } from "../../conformance/transcript/assets.ts";
import { parseOptions, UsageError } from "../options.ts";
import { print, printError } from "../text/output.ts";
import { conformanceVerb, reportFormats } from "./verbs.ts";

/** Generous: only a server that hangs takes as long. */
const LIMIT_MS = 60_000;
const CLEAR_LINE = "\r\u001b[K";

/** @returns the exit status: 0, or 1 where a transcript failed @throws UsageError */
export async function runConformance(args: readonly string[]): Promise<number> {
  const options = parseOptions(conformanceVerb, args);
  const { positionals: command } = options;
  const jobs = options.number("jobs", 1) ?? availableParallelism() * 2;
  const toBuild = options.value("build-plugins");
  if (toBuild !== undefined) {
    if (command.length > 0) throw new UsageError("--build-plugins starts no server: leave out the command");
    const { count, system } = await buildPlugins(toBuild, jobs).catch(asUsageError);
    print(`${count} plugins for ${system} are in ${toBuild}\n`);
    return 0;
  }
  if (command.length === 0) {
    throw new UsageError("conformance needs the command that starts the server: dlrpc conformance -- dlrpc serve");
  }
  const filters = options.all("filter");
  const format = options.choice("report", reportFormats);
  const limitMs = options.number("limit-ms", 1) ?? LIMIT_MS;
  const entries = selectTranscripts(filters);
  if (entries.length === 0) {
    throw new UsageError(
      `no transcript has ${filters.map((filter) => `\`${filter}\``).join(" or ")} in its name or rules`,
    );
  }

  const out = printer(format);
  const begun = performance.now();
  const plugins = options.value("plugins");
  const run = { command, plugins, jobs, limitMs, onOutcome: out.outcome };
  const outcomes = await runSuite(entries, run).catch(asUsageError);
  const took = performance.now() - begun;
  out.text(`${describeRules(rules, outcomes)}\n${describeSum(outcomes, took)}`);
  if (format !== undefined) print(report(format, outcomes, took));
  return countOutcomes(outcomes).failed > 0 ? 1 : 0;
}

/** What people read goes to stdout, unless a report does. */
function printer(format: ReportFormat | undefined) {
  const stream = format === undefined ? process.stdout : process.stderr;
  const write = (what: string) => (format === undefined ? print(what) : printError(Buffer.from(what)));
  const text = (what: string) => write(stream.isTTY ? CLEAR_LINE + visible(what) : what);
  return {
    text,
    outcome(outcome: Outcome, done: number, total: number): void {
      const said = describeOutcome(outcome);
      if (said !== "") text(said);
      if (stream.isTTY) text(`${done} of ${total}: ${outcome.transcript.name}`.slice(0, stream.columns - 1));
    },
  };
}

function asUsageError(error: unknown): never {
  if (error instanceof NoPlugins || error instanceof CannotStart) throw new UsageError(error.message);
  throw error;
}
