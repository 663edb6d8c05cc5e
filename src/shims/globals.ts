// Owns what every module knows without importing it and uses for each call: Node looks it up anew each time, by a getter, where
// a bundled script (packaging/bundle.ts) has it as a constant of its own.

const { Buffer: OwnBuffer, performance: ownPerformance } = globalThis;

export { OwnBuffer as Buffer, ownPerformance as performance };
