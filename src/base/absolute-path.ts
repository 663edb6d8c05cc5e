// Owns making paths absolute that a host or a person gives.

import { resolve } from "node:path";
import { DlrpcError } from "../../protocol/errors.ts";

/**
 * @param base what the path is relative to; where that is relative itself, it is so to the working directory
 * @throws DlrpcError INVALID_PARAMS where that is needed and has been deleted: what is there by then is another
 */
export function absolute(path: string, base = ""): string {
  try {
    return resolve(base, path);
  } catch {
    const message = `${path} is relative, and the directory that dlrpc was started in is gone`;
    const hint = "Give an absolute path, or start dlrpc in a directory that is there.";
    throw new DlrpcError("INVALID_PARAMS", message, { issues: [{ path: "", message }], hint });
  }
}
