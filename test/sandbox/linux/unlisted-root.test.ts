// Where the root directory may not be listed, as on systems that hide from users what others have there.

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { attempt, isClosedToOthers } from "../../support/confined.ts";
import { Host } from "../../support/host.ts";
import { plugin } from "../../support/paths.ts";

/** A root directory with all that is in the real one, of which an ordinary user may use only what it knows the name of. */
const script = `
  root=$(mktemp -d)
  mount -t tmpfs none "$root"
  for entry in /*; do
    if [ -L "$entry" ]; then cp -P "$entry" "$root"
    elif [ -d "$entry" ]; then mkdir "$root$entry" && mount --rbind "$entry" "$root$entry"
    fi
  done
  chmod 0711 "$root"
  exec chroot "$root" setpriv --reuid=65534 --regid=65534 --clear-groups "$@"`;
const through = ["unshare", "-m", "sh", "-euc", script, "sh"];
const may =
  process.getuid?.() === 0 &&
  !isClosedToOthers() &&
  spawnSync(through[0] as string, [...through.slice(1), "true"]).status === 0;

test.runIf(may)("S1: Landlock holds there, too", async () => {
  await using host = new Host({ through });
  const { warnings, sandbox, handle } = await host.result("plugin/load", { path: plugin("attack") });
  expect([warnings, sandbox.layers]).toEqual([[], expect.arrayContaining(["landlock-files"])]);
  expect(await attempt(host, handle, { do: "open_read", path: "/etc/passwd" })).toBe("done");
  expect(await attempt(host, handle, { do: "create", target: "/var/tmp/dlrpc-must-not-be" })).toBe("EACCES");
});
