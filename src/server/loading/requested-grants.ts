// Owns what a plugin is granted where a person says that it is to have what it asks for (--grant-requested).

import { meansItself } from "#sandbox/reach";
import type { Permissions, Sandbox } from "../../../protocol/messages.ts";

/** What a person gives, and what plugin.json asks for: what the person says goes first. */
export function withRequested(given: Sandbox, permissions: Permissions | null): Sandbox {
  const { read = [], write = [], ...others } = permissions ?? {};
  const profile = given.profile ?? others.profile;
  if (profile === "none") return { ...given, profile }; // which has all that could be asked for
  return {
    ...others,
    ...given,
    read: [...(given.read ?? []), ...read.filter((path) => !meansItself(path))],
    write: [...(given.write ?? []), ...write],
  };
}
