// Which server's share a path of Windows lies on: whoever opens such a path sends the user's credentials there.

import { ownSystem } from "../libraries/platform-directory.ts";

const SHARE = /^[\\/]{2}(?:\?[\\/]+UNC[\\/]+)?([^\\/?.][^\\/]*)[\\/]+([^\\/]+)/i;

/** @returns `\\server\share` in lower case; undefined where the path lies on this machine, as far as its text says */
export function shareOf(path: string, system = ownSystem): string | undefined {
  const [, server, share] = (system === "win32" ? SHARE.exec(path) : null) ?? [];
  return server === undefined ? undefined : `\\\\${server}\\${share}`.toLowerCase();
}
