// What `dlrpc doctor` says of the trusted directories and of the plugins in them.

import { constants } from "node:fs";
import type { DiscoveredPlugin } from "../../../../protocol/messages.ts";
import { mayAccess } from "../../../base/access.ts";
import { shellQuoted } from "../../../base/shell-quoted.ts";
import { discoverPlugins } from "../../../plugins/inspection.ts";
import { toProblem } from "../../../plugins/problem.ts";
import { judgePlace } from "../../../plugins/trust/place-problems.ts";
import { resolve } from "../../../plugins/trust/resolve.ts";
import { userPlugins } from "../../../plugins/trust/trust.ts";
import { bad, type Check, note, ok } from "../../../sandbox/doctor-check.ts";
import type { Session } from "../../../server/session.ts";

export async function pluginChecks(session: Session): Promise<Check[]> {
  return [
    ...home(),
    ...session.trust.all.flatMap((directory) => place(directory, session)),
    ...(await plugins(session)),
  ];
}

function home(): Check[] {
  if (userPlugins(process.env) !== undefined) return [];
  const found = `HOME is \`${process.env.HOME}\`, which is not absolute: ~/.vtcode/plugins is not trusted`;
  return [bad("trust", found, "Set HOME to this user's directory.")];
}

/** As --strict-permissions has it: who else could put code there. */
function place(directory: string, { trust }: Session): Check[] {
  const found = resolve(directory);
  if ("code" in found) {
    if (found.code === "ENOENT")
      return [note("trust", `${directory} is not there; plugins that are put there are trusted`)];
    return [
      bad("trust", `${directory} cannot be reached (${found.code})`, "Let this user read it, or do not name it."),
    ];
  }
  if (!found.isDirectory) return [bad("trust", `${directory} is no directory`, "Remove it, or do not name it.")];
  if (!mayAccess(found.canonical, constants.R_OK | constants.X_OK)) {
    return [bad("trust", `${directory} may not be listed by this user`, "Let this user read it, or do not name it.")];
  }
  const policy = { trust, strictPermissions: true, untrusted: "refuse" } as const;
  const judged = judgePlace({ canonical: found.canonical, what: "directory", plugin: found.canonical }, policy);
  const problems = new Map(judged.problems.map(toProblem).map(({ message, hint = "" }) => [message, hint]));
  if (problems.size === 0) return [ok("trust", `${directory}: only root and this user may write to it`)];
  return [...problems].map(([message, hint]) => bad("trust", message, hint));
}

async function plugins({ inspectOptions }: Session): Promise<Check[]> {
  const found = await discoverPlugins(undefined, inspectOptions);
  const isNative = ({ problems }: DiscoveredPlugin) => problems.every(({ code }) => code !== "NOT_NATIVE");
  const native = found.filter(isNative);
  const broken = native.filter(({ valid }) => !valid);
  return [
    broken.length < native.length || native.length === 0
      ? ok("plugins", `${native.length - broken.length} would load`)
      : note("plugins", "none would load"),
    ...broken.map(({ path, problems }) =>
      bad(
        "plugins",
        `${path} would not load: ${problems.find(({ severity }) => severity === "error")?.code}`,
        `dlrpc validate ${shellQuoted(path)}`,
      ),
    ),
  ];
}
