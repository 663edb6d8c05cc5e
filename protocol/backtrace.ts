// What is told of a place in a plugin's code.

/** The most frames of a backtrace (E21). */
export const MOST_FRAMES = 64;

/** A place where a process crashed, or behind a call that led there. */
export interface BacktraceFrame {
  /** The file of the code; null where it is in none, `dlrpc` where it is dlrpc's own. */
  readonly library: string | null;
  /** Where in it, as its symbols count; where there is no file, the address. */
  readonly offset: number;
  readonly function?: string;
  /** How far behind the beginning of the function. */
  readonly functionOffset?: number;
}

/** Such as `fall+0x1c (libhello.so+0x11f3)`. */
export function describeFrame({ library, offset, function: name, functionOffset = 0 }: BacktraceFrame): string {
  if (library === null) return `0x${offset.toString(16)}, which is in no library`;
  const place = `${library.slice(Math.max(library.lastIndexOf("/"), library.lastIndexOf("\\")) + 1)}+0x${offset.toString(16)}`;
  return name === undefined ? place : `${name}+0x${functionOffset.toString(16)} (${place})`;
}
