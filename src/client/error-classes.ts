// Owns making the client's error classes from the protocol's registry, and choosing one for a response.

import { type ErrorKind, errorKinds } from "../../protocol/errors.ts";
import { DlrpcError, type DlrpcErrorOptions, type ErrorClass, type ErrorData } from "./dlrpc-error.ts";

type PascalCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Capitalize<Lowercase<Head>>}${PascalCase<Tail>}`
  : Capitalize<Lowercase<Name>>;

/** PLUGIN_CRASHED → PluginCrashedError, PARSE_ERROR → ParseError. */
type ClassName<Kind extends string> = Kind extends `${infer Stem}_ERROR`
  ? `${PascalCase<Stem>}Error`
  : `${PascalCase<Kind>}Error`;

type ErrorClasses = { readonly [Kind in ErrorKind as ClassName<Kind>]: ErrorClass<Kind> };

const classOfKind = new Map<string, ErrorClass<string>>();

/** A class for each kind, by its name. */
export const errorClasses = Object.fromEntries(
  Object.entries(errorKinds).map(([kind, { code }]) => {
    const name = classNameOf(kind);
    const made = classNamed(name, kind, code);
    classOfKind.set(kind, made);
    return [name, made];
  }),
) as unknown as ErrorClasses;

/** The error that a response holds. @param cause why the client asked for it, where it did */
export function errorFromResponse(code: number, message: string, data: unknown, cause?: unknown): DlrpcError {
  const details: Partial<ErrorData> = typeof data === "object" && data !== null ? data : {};
  const kind = details.kind ?? kindOfCode(code);
  const options = { data: details, ...(cause !== undefined && { cause }) };
  const KnownError = classOfKind.get(kind);
  return KnownError ? new KnownError(message, options) : new DlrpcError(kind, code, message, options);
}

function classNameOf(kind: string): string {
  const words = kind.replace(/_ERROR$/, "").split("_");
  return `${words.map((word) => word.charAt(0) + word.slice(1).toLowerCase()).join("")}Error`;
}

function classNamed(name: string, kind: string, code: number): ErrorClass<string> {
  const KindError = class extends DlrpcError {
    constructor(message: string, options?: DlrpcErrorOptions) {
      super(kind, code, message, options);
    }
  };
  Object.defineProperty(KindError, "name", { value: name });
  return KindError as ErrorClass<string>;
}

/** For an answer that does not say its kind, as one from something between the client and dlrpc. */
function kindOfCode(code: number): string {
  return Object.entries(errorKinds).find(([, known]) => known.code === code)?.[0] ?? "INTERNAL_ERROR";
}
