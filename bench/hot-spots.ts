// `node bench/hot-spots.ts FILE.cpuprofile`: where a profile's time went, the functions that took most first.

import { readFileSync } from "node:fs";

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

const shown = 25;

const profile: Profile = JSON.parse(readFileSync(process.argv[2] as string, "utf8"));
const places = new Map(
  profile.nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
    id,
    `${functionName || "(anonymous)"}  ${url.split("/").at(-1)}:${lineNumber + 1}`,
  ]),
);
const times = new Map<string, number>();
for (const [i, id] of profile.samples.entries()) {
  const place = places.get(id) as string;
  if (place.startsWith("(idle)")) continue;
  times.set(place, (times.get(place) ?? 0) + (profile.timeDeltas[i] ?? 0));
}
const total = [...times.values()].reduce((sum, time) => sum + time, 0);
for (const [place, time] of [...times].sort(([, a], [, b]) => b - a).slice(0, shown)) {
  process.stdout.write(`${((100 * time) / total).toFixed(1).padStart(5)} %  ${place}\n`);
}
