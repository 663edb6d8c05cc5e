// Owns a directory for one test: empty, and gone with the test.

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class TemporaryDirectory implements Disposable {
  /** Canonical. */
  readonly path: string;

  /** @param within another one, which goes last */
  constructor(within?: TemporaryDirectory) {
    this.path = realpathSync(mkdtempSync(join(within?.path ?? tmpdir(), "dlrpc-test-")));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}
