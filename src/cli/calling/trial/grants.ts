// What the options of a command line grant a plugin, and put into its environment.

import type { Sandbox } from "../../../../protocol/messages.ts";
import { MOST_MEMORY_MB } from "../../../../protocol/sandbox.ts";
import { absolute } from "../../../base/absolute-path.ts";
import { profiles } from "../../../sandbox-policy/policy.ts";
import { type ParsedOptions, UsageError } from "../../options.ts";

/** What a person grants: paths are relative to the working directory, as all that is typed. @throws UsageError */
export function grantsOf(options: ParsedOptions): Sandbox {
  const memoryMb = options.number("memory-mb", 1, MOST_MEMORY_MB);
  const profile = options.choice("sandbox", profiles);
  return {
    ...(profile !== undefined && { profile }),
    ...(options.has("network") && { network: true }),
    ...(options.has("exec") && { exec: true }),
    ...(options.has("gpu") && { gpu: true }),
    ...(options.has("explain") && { explain: true }),
    read: options.all("read").map((path) => absolute(path)),
    write: options.all("write").map((path) => absolute(path)),
    ...(memoryMb !== undefined && { memoryMb }),
  };
}

/** The options that grant as much, each with its value where it takes one. */
export function grantWords(sandbox: Sandbox): (readonly [option: string, value?: string])[] {
  const { profile, network, exec, gpu, read = [], write = [], memoryMb } = sandbox;
  const flags = Object.entries({ network, exec, gpu }).filter(([, isGranted]) => isGranted);
  return [
    ...(profile === undefined ? [] : [["--sandbox", profile] as const]),
    ...flags.map(([name]) => [`--${name}`] as const),
    ...read.map((path) => ["--read", path] as const),
    ...write.map((path) => ["--write", path] as const),
    ...(memoryMb === undefined ? [] : [["--memory-mb", String(memoryMb)] as const]),
  ];
}

/** The last value that each name was given. @throws UsageError for what is no NAME=VALUE */
export function variablesOf(options: ParsedOptions): Record<string, string> {
  const assignments = options.all("env").map((text) => {
    const at = text.indexOf("=");
    if (at < 1) throw new UsageError(`--env is \`${text}\`, NAME=VALUE is needed`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return Object.fromEntries(assignments);
}
