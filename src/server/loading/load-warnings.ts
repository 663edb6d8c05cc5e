// What a load is warned of, by plugin/load, plugin/reload and `dlrpc exec` alike.

import type { Problem } from "../../../protocol/messages.ts";
import type { PluginHandle } from "../../plugin-table/plugin-handle.ts";
import { differingMetadata } from "../../plugins/manifest/warnings.ts";
import type { Session } from "../session.ts";
import { unenforced, unsupervised } from "./sandbox.ts";
import { ungranted } from "./ungranted.ts";
import { writableByPlugin } from "./writable-by-plugin.ts";

export function loadWarnings({ files, metadata, confinement, report }: PluginHandle, session: Session): Problem[] {
  return [
    ...files.warnings,
    ...differingMetadata(files.manifest, metadata),
    ...unenforced(confinement, report),
    ...unsupervised(confinement, report),
    ...ungranted(files, confinement, session),
    ...writableByPlugin(confinement, session),
  ];
}
