// Owns finding the params of a request of MCP by name: where they were indexed when it was read, else by looking for them.

import { RawJson } from "../../protocol/raw.ts";
import type { Params } from "../rpc/params.ts";

/** Those of most requests. */
export const indexedParams = ["_meta", "name", "arguments"] as const;
const names: readonly string[] = indexedParams;

/** Valid until the method returns. */
export class Members {
  private readonly params: Params;
  private found: ReadonlyMap<string, RawJson> | undefined;

  constructor(params: Params) {
    this.params = params;
  }

  get(name: string): RawJson | undefined {
    const { params } = this;
    if (!params.areIndexed) {
      this.found ??= params.members();
      return this.found.get(name);
    }
    const index = names.indexOf(name);
    const start = index < 0 ? 0 : params.spanStart(index);
    return start === 0 ? undefined : new RawJson(params.bytes.subarray(start, params.spanEnd(index)));
  }
}
