// What speaks against the places that a plugin's files are read from (T2, T3).

import { dirname } from "node:path";
import { foreignOwner, wayWritableByOthers, writableByOthers } from "#platform/files/permissions";
import { DlrpcError } from "../../../protocol/errors.ts";
import { isWithin } from "../../base/paths.ts";
import type { Exposure } from "../../platform/both-halves/files/permission-bits.ts";
import { type PluginProblem, warning } from "../problem.ts";
import { type Passed, pathChain } from "./path-chain.ts";
import type { Resolved } from "./resolve.ts";
import type { Trust } from "./trust.ts";

export interface PlacePolicy {
  readonly trust: Trust;
  /** Whether a directory or file that others may write to is an error (T3). */
  readonly strictPermissions: boolean;
  /** `refuse`: a plugin outside every trusted directory is not even read. `report`: that is a warning (validate). */
  readonly untrusted: "refuse" | "report";
}

interface Place {
  readonly canonical: string;
  /** Of the plugin: `directory`, or one of its files. */
  readonly what: string;
  /** The plugin's directory, canonical. */
  readonly plugin: string;
}

/** @returns what was found, and whether it may be read all the same */
export function judgePlace(place: Place, policy: PlacePolicy): { mayBeRead: boolean; problems: PluginProblem[] } {
  const { canonical } = place;
  const holder = policy.trust.holderOf(canonical);
  if (holder === undefined && policy.untrusted === "refuse")
    return { mayBeRead: false, problems: [untrusted(place, policy)] };
  // Of a file of the plugin that was said with its directory, unless a link leads elsewhere.
  const isNews = place.what === "directory" || !isWithin(canonical, place.plugin);
  const problems = [
    ...(holder === undefined && isNews ? [untrusted(place, policy)] : []),
    ...[holder ?? canonical, canonical].flatMap((path) => exposed(path, writableByOthers(path), policy)),
    ...(policy.strictPermissions ? judgeWay(canonical, policy) : []),
    ...(policy.strictPermissions && holder !== undefined ? judgeNames(holder, policy) : []),
  ];
  return { mayBeRead: true, problems };
}

/** Of the names by which a directory is trusted one must lead there past nobody else. */
function judgeNames(holder: string, policy: PlacePolicy): PluginProblem[] {
  const ways = policy.trust.namesOf(holder).map((name) => judgeWay(name, policy));
  return ways.some((problems) => problems.length === 0) ? [] : (ways[0] ?? []);
}

/** @returns what is wrong with the chain of a path, and with who owns what it leads to */
function judgeWay(path: string, policy: PlacePolicy): PluginProblem[] {
  const chain = pathChain(path);
  return chain.flatMap((passed) => judgePassed(passed, passed === chain.at(-1), policy));
}

/** @param isEnd whether the chain ends there: its mode is judged with the place itself */
function judgePassed({ path, kind }: Passed, isEnd: boolean, policy: PlacePolicy): PluginProblem[] {
  return [
    ...(kind === "directory" && !isEnd ? exposed(path, wayWritableByOthers(path), policy) : []),
    ...exposed(path, foreignOwner(path), policy),
  ];
}

/** Of a path that leads to no directory. */
export function noDirectory(path: string, found: Resolved): PluginProblem {
  const [message, hint] =
    "code" in found
      ? [
          `${path}: there is no such directory (${found.code})`,
          "Give the directory that holds plugin.json and the library.",
        ]
      : [
          `${path} is not a directory; the directory that holds plugin.json is needed`,
          `Give ${dirname(found.canonical)}, if that is the plugin's directory.`,
        ];
  return new DlrpcError("PATH_NOT_FOUND", message, { path, hint });
}

/** Of a place outside every trusted directory. */
export function untrusted({ canonical, what }: Place, { trust, untrusted }: PlacePolicy): PluginProblem {
  const code = "UNTRUSTED_PATH";
  const message = `The plugin's ${what} ${canonical} lies outside every trusted directory`;
  const hint = `Trust its directory with --trust, DLRPC_TRUSTED_DIRS or trustedDirs of initialize. Trusted now: ${trust.canonical.join(", ") || "none"}.`;
  if (untrusted === "report") return warning(code, message, hint);
  return new DlrpcError(code, message, { path: canonical, hint });
}

/** @param exposure who could change what is there, if anybody could */
function exposed(path: string, exposure: Exposure | undefined, { strictPermissions }: PlacePolicy): PluginProblem[] {
  if (exposure === undefined) return [];
  const message = `${path} ${exposure.found}, who could put their own code there`;
  const hint = exposure.remedy;
  return strictPermissions
    ? [new DlrpcError("UNTRUSTED_PATH", message, { path, hint })]
    : [warning("WRITABLE_BY_OTHERS", message, hint)];
}
