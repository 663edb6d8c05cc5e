// Owns a workspace for one test: an empty temporary directory.

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Workspace implements Disposable {
  /** Canonical. */
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-workspace-")));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}
