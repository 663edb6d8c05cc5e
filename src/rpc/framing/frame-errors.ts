// Owns the errors for bytes that never became a message (W4, W5).

import { DlrpcError } from "../../../protocol/errors.ts";

/** @param problem what was wrong, to end the sentence "Broken framing: …" */
export function badFrame(problem: string): DlrpcError {
  return new DlrpcError("BAD_FRAME", `Broken framing: ${problem}`, { problem });
}

export function messageTooLarge(limit: number, size?: number): DlrpcError {
  const found = size === undefined ? "" : ` of ${size} bytes`;
  return new DlrpcError("MESSAGE_TOO_LARGE", `A message${found} was skipped; at most ${limit} bytes are taken`, {
    limit,
    ...(size !== undefined && { size }),
  });
}
