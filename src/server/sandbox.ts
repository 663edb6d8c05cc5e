// Owns how a load is confined: by what it asks for, and by what the program was started with (S2, S5, S6).

import { realpathSync } from "node:fs";
import { DlrpcError } from "../../protocol/errors.ts";
import type { Isolation, Problem, Sandbox } from "../../protocol/messages.ts";
import { type Gap, gaps } from "../confinement/layers.ts";
import { type Confinement, DEFAULT_MEMORY_MB, isLooser, type Profile, unconfined } from "../confinement/policy.ts";
import type { Report } from "../confinement/report.ts";
import type { Mistake } from "../json/schema.ts";
import { toProblem } from "../plugins/finding.ts";
import { invalidParams } from "../rpc/params.ts";

/** What loads are measured by. */
export interface SandboxRules {
  /** The profile of a load that names none. */
  readonly sandbox: Profile;
  /** The loosest profile that a load may ask for. */
  readonly maxSandbox: Profile;
  readonly workspaceRoot: string | null;
  /** A path of the host, absolute. */
  resolve(path: string): string;
}

/** What a plugin is confined by, and what is said of it. */
export class LoadSandbox {
  readonly confinement: Confinement;
  private readonly isolation: Isolation;
  private readonly isRequired: boolean;

  /** @throws DlrpcError INVALID_PARAMS; SANDBOX_UNAVAILABLE for what is required and can never be had */
  constructor(asked: Sandbox, isolation: Isolation, rules: SandboxRules) {
    this.isolation = isolation;
    this.isRequired = asked.require === true;
    this.confinement = confinementOf(asked, isolation, rules);
    if (isolation === "inline" && this.isRequired) throw unavailable(this.inlineMessage);
    if (this.profile === "none" && this.isRequired) throw unavailable("The profile `none` enforces nothing");
  }

  /** To be called with what the kernel answered. @throws DlrpcError SANDBOX_UNAVAILABLE naming what is missing */
  readonly accept = (report: Report): void => {
    const found = gaps(this.confinement, report);
    if (this.isRequired && found.length > 0)
      throw unavailable(`Not all that is required can be enforced: ${list(found)}`);
  };

  /** What is not enforced though it was asked for. */
  warnings(report: Report): Problem[] {
    if (this.isolation === "inline")
      return this.profile === "none" ? [] : [notEnforced(this.inlineMessage, INLINE_HINT)];
    const found = gaps(this.confinement, report);
    if (found.length === 0) return [];
    return [notEnforced(`Not all of the sandbox profile \`${this.profile}\` is enforced: ${list(found)}`, HINT)];
  }

  /** What is in effect. */
  describe({ layers }: Report): { profile: Profile; layers: string[] } {
    if (this.isolation === "inline") return { profile: "none", layers: [] };
    return { profile: this.profile, layers: [...layers] };
  }

  private get profile(): Profile {
    return this.confinement.profile;
  }

  private get inlineMessage(): string {
    return `A plugin that runs inline shares dlrpc's own process and cannot be confined; \`${this.profile}\` is not enforced`;
  }
}

function confinementOf(asked: Sandbox, isolation: Isolation, rules: SandboxRules): Confinement {
  const profile = asked.profile ?? rules.sandbox;
  const mistakes: Mistake[] = [];
  const canonical = (member: "read" | "write"): string[] =>
    (asked[member] ?? []).flatMap((path, i) => {
      const found = canonicalOf(rules.resolve(path));
      if ("path" in found) return found.path;
      mistakes.push({ path: `sandbox.${member}.${i}`, message: `${rules.resolve(path)} is not there (${found.code})` });
      return [];
    });
  const { network = false, exec = false, memoryMb = DEFAULT_MEMORY_MB } = asked;
  const [read, write] = [canonical("read"), canonical("write")];
  mistakes.push(...loosened(asked, profile, isolation, rules.maxSandbox));
  if (profile === "none" && (asked.network === false || asked.exec === false || asked.memoryMb !== undefined)) {
    mistakes.push({ path: "sandbox", message: "the profile `none` enforces nothing; ask for `standard` or `strict`" });
  }
  if (mistakes.length > 0) throw invalidParams(mistakes);
  if (profile === "none") return unconfined;
  const workspace = rules.workspaceRoot === null ? { code: "none" } : canonicalOf(rules.workspaceRoot);
  return {
    profile,
    network,
    exec,
    read: profile === "strict" ? read : [], // the others may read everything
    write: [...("path" in workspace ? [workspace.path] : []), ...write],
    memoryMb,
  };
}

/** What of a load goes beyond what the program was started with (S6). */
function loosened(asked: Sandbox, profile: Profile, isolation: Isolation, loosest: Profile): Mistake[] {
  if (loosest === "none") return [];
  const refused = `is refused: dlrpc was started with --max-sandbox ${loosest}`;
  const grants: readonly (keyof Sandbox)[] = ["network", "exec"];
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
    ...(isolation === "inline" ? [{ path: "isolation", message: `\`inline\` ${refused}` }] : []),
  ];
}

function canonicalOf(path: string): { path: string } | { code: string } {
  try {
    return { path: realpathSync(path) };
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

function list(found: readonly Gap[]): string {
  return found
    .map(({ layer, unenforced, reason }) => `${layer} is missing (${reason}), and so ${unenforced}`)
    .join("; ");
}

const INLINE_HINT = 'Load it with isolation "process", or say with the profile `none` that it need not be confined.';
const HINT = "On Linux, Landlock (since 5.13) and seccomp must be there and not be forbidden to dlrpc.";

function notEnforced(message: string, hint: string): Problem {
  return toProblem({ severity: "warning", code: "SANDBOX_NOT_ENFORCED", message, hint });
}

function unavailable(message: string): DlrpcError {
  return new DlrpcError("SANDBOX_UNAVAILABLE", message);
}
