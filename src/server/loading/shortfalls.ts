// Owns what a load is warned of because of its sandbox: what is not enforced, what the plugin needs
// and will not have, and what it may change and should not.

import type { Problem } from "../../../protocol/messages.ts";
import type { Confinement } from "../../confinement/policy.ts";
import type { Report } from "../../confinement/report.ts";
import type { PluginFiles } from "../../plugins/inspected-plugin.ts";
import type { Session } from "../session.ts";
import { unenforced, unsupervised } from "./sandbox.ts";
import { ungranted } from "./ungranted.ts";
import { writableByPlugin } from "./writable-by-plugin.ts";

/** @param report which layers are in effect */
export function shortfalls(files: PluginFiles, confinement: Confinement, report: Report, session: Session): Problem[] {
  return [
    ...unenforced(confinement, report),
    ...unsupervised(confinement, report),
    ...ungranted(files, confinement, session),
    ...writableByPlugin(confinement, session),
  ];
}
