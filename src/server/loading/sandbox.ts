// Owns how a load is confined: by what it asks for, and by what the program was started with (S2, S5, S6).

import { existsSync, lstatSync, realpathSync } from "node:fs";
import { ENFORCEMENT_HINT, gaps, SUPERVISION_HINT } from "#sandbox/layers";
import { DlrpcError } from "../../../protocol/errors.ts";
import type { Problem, Sandbox } from "../../../protocol/messages.ts";
import { Disposables } from "../../base/disposables.ts";
import { messageOf } from "../../base/failures.ts";
import { isWithin } from "../../base/paths.ts";
import type { Issue } from "../../json/schema.ts";
import { throwIfExhausted } from "../../platform/exhaustion.ts";
import { warning } from "../../plugins/problem.ts";
import { invalidParams } from "../../rpc/params.ts";
import { Explanation } from "../../sandbox-policy/explanation.ts";
import { type Grant, openGrant } from "../../sandbox-policy/grants.ts";
import {
  type Confinement,
  DEFAULT_MEMORY_MB,
  isLooser,
  type Profile,
  unconfined,
} from "../../sandbox-policy/policy.ts";
import type { ConfinementReport, Gap } from "../../sandbox-policy/report.ts";
import type { Session } from "../session.ts";

/**
 * What a load asks for.
 * @returns its grants are open, and whoever uses it gives them back
 * @throws DlrpcError INVALID_PARAMS; SANDBOX_UNAVAILABLE for what is required and can never be had
 */
export function confinementOf(asked: Sandbox, session: Session): Confinement {
  const { profile = session.settings.sandbox, require = false, explain = false } = asked;
  if (require && profile === "none") throw unavailable("The profile `none` enforces nothing");
  const issues: Issue[] = [];
  using opened = new Disposables();
  const granted = (member: "read" | "write"): Grant[] =>
    (asked[member] ?? []).flatMap((path, i) => {
      const place = session.resolveGrant(path);
      const found = grantOf(place);
      if ("descriptor" in found) return opened.use(found);
      issues.push({ path: `sandbox.${member}.${i}`, message: `${place} ${found.problem}` });
      return [];
    });
  const { network = false, exec = false, gpu = false, memoryMb = DEFAULT_MEMORY_MB } = asked;
  issues.push(...loosened(asked, profile, session.settings.maxSandbox));
  const [read, write] = [granted("read"), granted("write")];
  const isMeantToBind =
    explain || [asked.network, asked.exec, asked.gpu].includes(false) || asked.memoryMb !== undefined;
  if (profile === "none" && isMeantToBind) {
    issues.push({ path: "sandbox", message: "the profile `none` enforces nothing; ask for `standard` or `strict`" });
  }
  if (issues.length > 0) throw invalidParams(issues);
  if (profile === "none") return unconfined;
  write.unshift(...workspaceOf(session).map((workspace) => opened.use(workspace)));
  opened.move();
  const explanation = explain ? { explanation: new Explanation() } : {};
  return { profile, network, exec, gpu, read, write, memoryMb, require, ...explanation };
}

/** What it grants, for the log. */
export function describeGrants({ profile, network, exec, gpu, read, write, memoryMb }: Confinement): string {
  if (profile === "none") return "profile none, which confines nothing";
  const paths = (grants: readonly Grant[]) => grants.map(({ path }) => path).join(", ") || "nothing";
  const others = Object.entries({ network, exec, gpu }).flatMap(([name, isGranted]) =>
    isGranted ? [`, ${name}`] : [],
  );
  return `profile ${profile}, reads also ${paths(read)}, writes ${paths(write)}${others.join("")}, ${memoryMb} MiB`;
}

/** To be called with what the kernel answered. @throws DlrpcError SANDBOX_UNAVAILABLE naming what is missing */
export function requireEnforced(confinement: Confinement, report: ConfinementReport): void {
  const found = gaps(confinement, report);
  if (confinement.require && found.length > 0)
    throw unavailable(`Not all that is required can be enforced: ${list(found)}`);
}

/** What is not enforced though it was asked for. */
export function unenforced(confinement: Confinement, report: ConfinementReport): Problem[] {
  const found = gaps(confinement, report);
  if (found.length === 0) return [];
  const message = `Not all of the sandbox profile \`${confinement.profile}\` is enforced: ${list(found)}`;
  return [warning("SANDBOX_NOT_ENFORCED", message, ENFORCEMENT_HINT)];
}

/** What a plugin may do and cannot, as nobody here judges it. */
export function unsupervised({ profile }: Confinement, { layers, missing }: ConfinementReport): Problem[] {
  if (profile === "none" || !layers.includes("seccomp") || layers.includes("supervision")) return [];
  const message = `The plugin cannot change modes and times of files, nor schedule threads but the one that asks: supervision is missing (${missing.supervision ?? "unknown"})`;
  return [warning("SUPERVISION_UNAVAILABLE", message, SUPERVISION_HINT)];
}

/** What of a load goes beyond what the program was started with (S6). */
function loosened(asked: Sandbox, profile: Profile, loosest: Profile): Issue[] {
  if (loosest === "none") return [];
  const refused = `is refused: dlrpc was started with --max-sandbox ${loosest}`;
  const grants: readonly (keyof Sandbox)[] = ["network", "exec", "gpu"];
  const lists: readonly ("read" | "write")[] = ["read", "write"];
  return [
    ...(isLooser(profile, loosest) ? [{ path: "sandbox.profile", message: `\`${profile}\` ${refused}` }] : []),
    ...grants.flatMap((member) => (asked[member] === true ? [{ path: `sandbox.${member}`, message: refused }] : [])),
    ...lists.flatMap((member) =>
      (asked[member] ?? []).length > 0 ? [{ path: `sandbox.${member}`, message: refused }] : [],
    ),
    ...((asked.memoryMb ?? 0) > DEFAULT_MEMORY_MB
      ? [{ path: "sandbox.memoryMb", message: `more than ${DEFAULT_MEMORY_MB} ${refused}` }]
      : []),
  ];
}

/** @returns none where it is not there @throws DlrpcError INVALID_PARAMS where something else has taken its place */
function workspaceOf({ workspaceRoot, workspace }: Session): Grant[] {
  if (workspaceRoot === null || workspace === undefined || !existsSync(workspace)) return [];
  const found = grantOf(workspace, workspaceRoot);
  if ("descriptor" in found) return [found];
  const message = `workspaceRoot: ${workspace} ${found.problem}`;
  throw invalidParams([{ path: "", message }], { hint: "Put the workspace back in its place, or start dlrpc again." });
}

/**
 * What a path of the host is, opened; or what is wrong with it. A plugin may have put a link there, in this process or in
 * an earlier one, so no link is followed: a host that trusts one says where it leads.
 * @param name how it is called
 */
function grantOf(path: string, name = path): Grant | { problem: string } {
  let canonical: string;
  try {
    canonical = realpathSync(path);
  } catch (error) {
    return { problem: `is not there (${(error as NodeJS.ErrnoException).code ?? error})` };
  }
  // By the time that a plugin has a process of its own, the link /proc/self has been followed.
  if (isWithin(canonical, `/proc/${process.pid}`)) {
    return { problem: `is ${canonical}, dlrpc's own; a plugin reads what is its own without a grant` };
  }
  if (canonical !== path) {
    return {
      problem: `goes through the link ${firstLink(path)}, and links are not followed; grant ${canonical}, if that is what is meant`,
    };
  }
  try {
    return openGrant(path, name);
  } catch (error) {
    throwIfExhausted(error);
    return { problem: `cannot be granted (${messageOf(error)})` };
  }
}

/** @param path absolute, without `.` and `..`, and not what it leads to */
function firstLink(path: string): string {
  const parts = path.split("/");
  const beginnings = parts.map((_, i) => parts.slice(0, i + 1).join("/") || "/");
  return beginnings.find((beginning) => lstatSync(beginning, { throwIfNoEntry: false })?.isSymbolicLink()) ?? path;
}

function list(found: readonly Gap[]): string {
  return found
    .map(({ layer, unenforced, reason }) => `${layer} is missing (${reason}), and so ${unenforced}`)
    .join("; ");
}

function unavailable(message: string): DlrpcError {
  return new DlrpcError("SANDBOX_UNAVAILABLE", message);
}
