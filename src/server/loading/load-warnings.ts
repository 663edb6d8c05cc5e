// What a load is warned of, by plugin/load, plugin/reload and `dlrpc exec` alike.

import type { Problem } from "../../../protocol/messages.ts";
import type { PluginHandle } from "../../plugin-table/plugin-handle.ts";
import { differingMetadata } from "../../plugins/manifest/warnings.ts";
import type { Session } from "../session.ts";
import { shortfalls } from "./shortfalls.ts";

export function loadWarnings({ files, metadata, confinement, report }: PluginHandle, session: Session): Problem[] {
  return [
    ...files.warnings,
    ...differingMetadata(files.manifest, metadata),
    ...shortfalls(files, confinement, report, session),
  ];
}
