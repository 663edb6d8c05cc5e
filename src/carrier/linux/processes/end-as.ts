// Owns ending this program as a signal does that it has heard.

/** Whoever has started this sees that the signal has ended it: its status in a shell is 130 after Ctrl-C. */
export function endAs(signal: NodeJS.Signals): Promise<never> {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  return new Promise(() => {});
}
