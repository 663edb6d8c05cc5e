// The steps of a call as docs/architecture.md lists them, and where a trace reaches each.

import { Page } from "../support/page.ts";
import type { Place } from "./place.ts";

/** A file that a step names. */
export interface StepFile {
  readonly step: number;
  readonly file: string;
}

/** In the order in which they are named. */
export function filesOfSteps(): StepFile[] {
  const { text } = new Page("docs/architecture.md");
  const list = /^## The life of a call\n.*?^(1\. .*?)\n\n/ms.exec(text)?.[1] ?? "";
  return list.split(/^(?=\d+\. )/m).flatMap((item) => {
    const step = Number.parseInt(item, 10);
    return [...item.matchAll(/`((?:src|native)\/[^`]+)`/g)].map(([, file = ""]) => ({ step, file }));
  });
}

/** @returns for each file the index of the first place in it behind those of the files before; undefined where there is none */
export function reached(files: readonly StepFile[], places: readonly Place[]): (number | undefined)[] {
  let last = -1;
  return files.map(({ file }) => {
    const next = places.findIndex((place, index) => index > last && place.file === file);
    if (next < 0) return undefined;
    last = next;
    return next;
  });
}
