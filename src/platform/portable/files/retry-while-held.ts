// Owns waiting, a second and no longer, for whoever looks at files that have just been written: a virus scanner.

const TRIES = 20;
const PAUSE_MS = 50;
/** What Node makes of "access is denied" and of "another process is using the file". */
const HELD = ["EACCES", "EBUSY", "EPERM"];

/** @throws what `action` throws, at once or, where a file is held, after the last try, and then saying so */
export function retryWhileHeld<T>(action: () => T): T {
  for (let tries = 1; ; tries++) {
    try {
      return action();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (!HELD.includes(code ?? "")) throw error;
      if (tries === TRIES) {
        const waited = (TRIES * PAUSE_MS) / 1000;
        throw new Error(`${message} (it was refused for ${waited} s; a virus scanner may hold it)`, { cause: error });
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
