// Making the client's error classes from the protocol's registry, and choosing one for a response.

import { type ErrorKind, errorClassName, errorKinds } from "../../../protocol/error-kinds.ts";
import {
  AnyDlrpcError,
  type DlrpcError,
  type DlrpcErrorOptions,
  type ErrorClass,
  type ErrorData,
} from "./dlrpc-error.ts";

/** A class for each kind. */
export const errorClasses = Object.fromEntries(
  Object.entries(errorKinds).map(([kind, { code }]) => [
    kind,
    classNamed(errorClassName(kind), kind as ErrorKind, code),
  ]),
) as { readonly [Kind in ErrorKind]: ErrorClass<Kind> };

/** The error that a response holds. @param cause why the client asked for it, where it did */
export function errorFromResponse(code: number, message: string, data: unknown, cause?: unknown): DlrpcError {
  const details: Partial<ErrorData> = typeof data === "object" && data !== null ? data : {};
  const kind = details.kind ?? kindOfCode(code);
  const options = { data: details, ...(cause !== undefined && { cause }) };
  const KnownError = Object.hasOwn(errorClasses, kind) ? errorClasses[kind as ErrorKind] : undefined;
  const error = KnownError
    ? new KnownError(message, options)
    : new AnyDlrpcError("UNKNOWN_KIND", code, message, options);
  return error as DlrpcError;
}

function classNamed(name: string, kind: ErrorKind, code: number): ErrorClass<ErrorKind> {
  const KindError = class extends AnyDlrpcError {
    constructor(message: string, options?: DlrpcErrorOptions) {
      super(kind, code, message, options);
    }
  };
  Object.defineProperty(KindError, "name", { value: name });
  return KindError as ErrorClass<ErrorKind>;
}

/** For an answer that does not say its kind, as one from something between the client and dlrpc. */
function kindOfCode(code: number): string {
  return Object.entries(errorKinds).find(([, known]) => known.code === code)?.[0] ?? "INTERNAL_ERROR";
}
