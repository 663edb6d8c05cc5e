// Owns what is told of where a process crashed: the frames, with the names that its libraries have (E20, E21).

import type { RunnableProgram } from "#platform/processes/runnable";
import type { BacktraceFrame } from "../../../protocol/backtrace.ts";
import type { LibraryCopy } from "../library-copy.ts";
import type { CrashRecord, Mapping } from "./crash-record.ts";
import { LoadedLibraries } from "./loaded-libraries.ts";
import { offsetOf, type Place, unwind } from "./unwind.ts";

export interface Backtrace {
  /** What could not be reached, or where the instruction was, in hexadecimal digits. */
  readonly address?: string;
  readonly backtrace: readonly BacktraceFrame[];
  /** Of the plugin's own frames the first; undefined where there is none. */
  readonly own?: BacktraceFrame;
}

/** @param copy what the process has loaded @param program the worker's */
export function backtraceOf(record: CrashRecord, copy: LibraryCopy, program: RunnableProgram): Backtrace {
  using libraries = new LoadedLibraries(copy, program);
  const places = unwind(record, libraries);
  const names = namesOf(places, libraries);
  const backtrace = places.map((place, index) => frameOf(place, names[index], libraries));
  const first = places.findIndex(({ mapping }) => mapping !== undefined && libraries.originalOf(mapping) !== undefined);
  return {
    ...(record.address !== undefined && { address: `0x${record.address.toString(16)}` }),
    backtrace,
    ...(first >= 0 && { own: backtrace[first] as BacktraceFrame }),
  };
}

interface Named {
  /** As the symbols of the file count. */
  readonly address: number;
  readonly function?: { readonly name: string; readonly start: number };
}

/** For each place what its file says; undefined where the file is not read. */
function namesOf(places: readonly Place[], libraries: LoadedLibraries): (Named | undefined)[] {
  const named: (Named | undefined)[] = places.map(() => undefined);
  for (const path of new Set(places.map(({ mapping }) => mapping?.path))) {
    const here = places.flatMap(({ at, mapping }, index) => (mapping?.path === path ? [{ at, mapping, index }] : []));
    const mapping = here[0]?.mapping;
    if (mapping === undefined) continue;
    const addresses = libraries.read(mapping, (file) =>
      here.flatMap(({ at, mapping, index }) => {
        const address = file.addressOf(offsetOf(mapping as Mapping, at));
        return address === undefined ? [] : [{ index, address }];
      }),
    );
    for (const { index, address } of addresses ?? []) named[index] = { address };
    const inFunction = (index: number, address: number) => (index === 0 ? address : address - 1); // behind a call
    const functions = libraries.read(mapping, (file) =>
      file.functionsAt((addresses ?? []).map(({ index, address }) => inFunction(index, address))),
    );
    for (const { index, address } of addresses ?? []) {
      const found = functions?.get(inFunction(index, address));
      if (found !== undefined) named[index] = { address, function: found };
    }
  }
  return named;
}

function frameOf({ at, mapping }: Place, named: Named | undefined, libraries: LoadedLibraries): BacktraceFrame {
  if (mapping === undefined || mapping.path === "") return { library: null, offset: Number(at) };
  const library = libraries.isWorker(mapping) ? "dlrpc" : (libraries.originalOf(mapping) ?? mapping.path);
  const offset = named?.address ?? offsetOf(mapping, at);
  if (named?.function === undefined) return { library, offset };
  const { name, start } = named.function;
  return { library, offset, function: name, functionOffset: offset - start };
}
