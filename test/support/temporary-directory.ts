// Owns a directory for one test: empty, and gone with the test.

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class TemporaryDirectory implements Disposable {
  /** Canonical. */
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-test-")));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}
