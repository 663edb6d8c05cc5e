// Which numbers a timer of Node's takes: others it turns into 1.

const LONGEST_TIMER_MS = 0x7fffffff;

/** @throws RangeError where `value` is no time */
export function checkTime(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= LONGEST_TIMER_MS) return;
  throw new RangeError(`${name} is ${value}: a whole number of milliseconds from 1 to ${LONGEST_TIMER_MS} is needed`);
}
