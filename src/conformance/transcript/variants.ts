// What a transcript is on this machine: the steps and operations for its system, or why it could show nothing there.

import { mkdir, realpath, symlink } from "node:fs/promises";
import { join } from "node:path";
import { ownSystem } from "../../plugins/libraries/platform-directory.ts";
import type { FileOperation, Step, Transcript } from "./format.ts";

export interface Machine {
  readonly system: string;
  /** Why symbolic links cannot be made, or lead nowhere; undefined where they can be used. */
  readonly noLinks: string | undefined;
}

/** @param directory an empty one, to try what can be done there */
export async function thisMachine(directory: string): Promise<Machine> {
  return { system: ownSystem, noLinks: await whyNoLinks(directory) };
}

/** Why a transcript has nothing to show on a machine; undefined where it is to be run. */
export function whyNotApplicable({ notOn, files, steps }: Transcript, machine: Machine): string | undefined {
  const reason = Object.entries(notOn).find(([system]) => system === machine.system)?.[1];
  if (reason !== undefined || machine.noLinks === undefined) return reason;
  const operations = [...files, ...steps.flatMap((step) => (step.kind === "files" ? step.action.files : []))];
  return operations.some(({ kind }) => kind === "link") ? machine.noLinks : undefined;
}

/** The transcript as it is on a system: without what is for others. */
export function onSystem(transcript: Transcript, system: string): Transcript {
  const isFor = ({ on }: Step | FileOperation) => on === undefined || on.some((each) => each === system);
  const steps = transcript.steps.filter(isFor).map((step) => {
    if (step.kind !== "files") return step;
    return { ...step, action: { files: step.action.files.filter(isFor) } };
  });
  return { ...transcript, files: transcript.files.filter(isFor), steps };
}

/** By trying: Windows lets only some users make links. */
async function whyNoLinks(directory: string): Promise<string | undefined> {
  const target = join(directory, "target");
  const link = join(directory, "link");
  await mkdir(target);
  try {
    await symlink("target", link);
    return (await realpath(link)) === target ? undefined : "symbolic links lead nowhere here";
  } catch (error) {
    return `symbolic links cannot be made and followed here (${(error as NodeJS.ErrnoException).code})`;
  }
}
