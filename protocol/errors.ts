// The error that reaches a host: a kind of the registry, a message, and what else is known.

import { type ErrorKind, errorKinds } from "./error-kinds.ts";

/** What `error.data` holds beside `kind`. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** The one error that reaches a host; anything else thrown is a defect and becomes INTERNAL_ERROR. */
export class DlrpcError extends Error {
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = "DlrpcError";
    this.kind = kind;
    this.details = details;
  }

  get code(): number {
    return errorKinds[this.kind].code;
  }

  /** The same error, saying more: `details` already there win. */
  with(details: ErrorDetails): DlrpcError {
    return new DlrpcError(this.kind, this.message, { ...details, ...this.details });
  }

  /** The `error` member of a response (M9). */
  toJSON(): { code: number; message: string; data: Record<string, unknown> } {
    const entry = errorKinds[this.kind];
    const hint = "hint" in entry ? { hint: entry.hint } : {};
    const data = { kind: this.kind, ...hint, ...this.details };
    return { code: entry.code, message: this.message, data: Object.assign(data, { kind: this.kind }) };
  }
}
