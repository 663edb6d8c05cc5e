// Versions of plugins as semver.org 2.0.0 has them: which texts are some, and their order.

/** semver.org, section "Is there a suggested regular expression", with its repetitions named. */
const number = "(0|[1-9][0-9]*)";
const preRelease = `(${number}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`;
const build = "[0-9A-Za-z-]+";
const semver = new RegExp(
  `^(?<core>${number}\\.${number}\\.${number})(-(?<pre>${preRelease}(\\.${preRelease})*))?(\\+${build}(\\.${build})*)?$`,
);

export function isSemver(version: string): boolean {
  return semver.test(version);
}

/**
 * Which of two versions goes before the other (section 11): builds are of no account.
 * @returns less than 0 where it is `a`, more where it is `b`, 0 for neither; undefined where one is no semantic version
 */
export function compareVersions(a: string, b: string): number | undefined {
  const [left, right] = [semver.exec(a)?.groups, semver.exec(b)?.groups];
  if (left === undefined || right === undefined) return undefined;
  const order = compareIdentifiers(left.core, right.core);
  if (order !== 0) return order;
  if (left.pre === undefined || right.pre === undefined)
    return Number(right.pre !== undefined) - Number(left.pre !== undefined);
  return compareIdentifiers(left.pre, right.pre);
}

function compareIdentifiers(a = "", b = ""): number {
  const [left, right] = [a.split("."), b.split(".")];
  for (const [i, one] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const order = compareIdentifier(one, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Numbers go before words, and have no limit. */
function compareIdentifier(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [a, b].map((text) => /^[0-9]+$/.test(text));
  if (isNumber && isOtherNumber) return Number(BigInt(a) > BigInt(b)) - Number(BigInt(a) < BigInt(b));
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return Number(a > b) - Number(a < b);
}
