// Owns the figures that plugin/list shows of each handle.

/** A doubling of the time has so many places: what is shown is at most one in 64 too long. */
const PLACES = 64;
const LONGEST_MICROSECONDS = 24 * 60 * 60 * 1e6;

export class Statistics {
  calls = 0;
  errors = 0;
  crashes = 0;
  restarts = 0;
  timeouts = 0;
  /** Answers that came when nobody waited for them any more. */
  discarded = 0;
  /** How many calls took how long, by `placeOf`. */
  private readonly durations: number[] = [];
  private count = 0;

  /** Notes how long a call ran, in milliseconds. */
  ran(milliseconds: number): void {
    const place = placeOf(Math.min(LONGEST_MICROSECONDS, Math.max(1, Math.round(milliseconds * 1000))));
    while (this.durations.length <= place) this.durations.push(0);
    this.durations[place] = (this.durations[place] as number) + 1;
    this.count++;
  }

  /** In milliseconds; null before the first call. */
  percentile(percent: number): number | null {
    if (this.count === 0) return null;
    let left = Math.ceil((this.count * percent) / 100);
    const place = this.durations.findIndex((calls) => {
      left -= calls;
      return left <= 0;
    });
    return longestAt(place) / 1000;
  }
}

/** Up to twice PLACES each microsecond has a place of its own, from there on each doubling has PLACES. */
function placeOf(microseconds: number): number {
  const doublings = doublingsOf(microseconds);
  return doublings * PLACES + Math.floor(microseconds / 2 ** doublings);
}

/** The longest time at a place, in microseconds. */
function longestAt(place: number): number {
  const doublings = Math.max(0, Math.floor(place / PLACES) - 1);
  return (place - doublings * PLACES + 1) * 2 ** doublings - 1;
}

/** How often it has to be halved to be less than twice PLACES. */
function doublingsOf(microseconds: number): number {
  let doublings = 0;
  for (let left = microseconds; left >= 2 * PLACES; left /= 2) doublings++;
  return doublings;
}
