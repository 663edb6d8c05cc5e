// Owns what a tool's annotations say (G5): what the kernel keeps from the plugin, and no more than that.

import { neededLayers } from "#sandbox/layers";
import type { Sandbox } from "../../../protocol/messages.ts";
import type { ToolMembers } from "../../plugins/manifest/tool-members.ts";
import type { Session } from "../../server/session.ts";

export interface Annotations {
  readonly readOnlyHint: boolean;
  readonly openWorldHint: boolean;
}

/**
 * @param sandbox what the plugin is granted
 * @param layers those that this system has
 * @param wishes the plugin's own, which can only make them more cautious
 */
export function annotationsOf(
  sandbox: Sandbox,
  session: Session,
  layers: readonly string[],
  wishes: ToolMembers["annotations"] = {},
): Annotations {
  const { profile = session.settings.sandbox, write = [], network = false, gpu = false } = sandbox;
  const has = (all: readonly string[]) => profile !== "none" && all.every((layer) => layers.includes(layer));
  const writesNothing = write.length === 0 && session.workspaceRoot === null && !gpu && has(neededLayers.files);
  const isOffline = !network && has(neededLayers.network);
  return {
    readOnlyHint: writesNothing && wishes.readOnlyHint !== false,
    openWorldHint: !isOffline || wishes.openWorldHint === true,
  };
}
