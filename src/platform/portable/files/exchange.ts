// Owns exchanging two names in one step, which this half cannot.

/** @returns false: two steps have to do */
export function exchange(_path: string, _other: string): boolean {
  return false;
}
