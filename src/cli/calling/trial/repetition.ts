// What is said of calls that were repeated (`--repeat`): how long they took, and what memory their process uses by then.

/** @param durationsMs of each call, in any order; at least one */
export function repetitionTable(durationsMs: readonly number[], failures: number, memoryBytes: number | null): string {
  const sorted = Float64Array.from(durationsMs).sort();
  const columns: (readonly [string, string])[] = [
    ["calls", String(sorted.length)],
    ...(failures > 0 ? [["success:false", String(failures)] as const] : []),
    ["min", milliseconds(sorted[0])],
    ["p50", milliseconds(percentile(sorted, 50))],
    ["p99", milliseconds(percentile(sorted, 99))],
    ["memory", memoryBytes === null ? "unknown" : `${(memoryBytes / 2 ** 20).toFixed(1)} MiB`],
  ];
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  const row = (index: 0 | 1) => columns.map((cells, i) => cells[index].padStart(widths[i] ?? 0)).join("  ");
  return `${row(0)}\n${row(1)}\n`;
}

/** The smallest that so many of a hundred stay within (nearest rank). */
function percentile(sorted: Float64Array, percent: number): number | undefined {
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1];
}

function milliseconds(duration = 0): string {
  return `${duration.toFixed(duration < 100 ? 3 : 0)} ms`;
}
