// Owns what a method is: a schema for its params, and what it does with them.

import type * as z from "zod/mini";
import { goOnUntil } from "../native/reactor.ts";
import { decodeParams } from "../rpc/params.ts";
import type { IncomingRequest } from "../rpc/request.ts";

/** Answers one request, now or later. @throws DlrpcError instead of answering */
export type Method = (request: IncomingRequest) => void;

/** A method that answers with what `handle` returns. */
export function method<T extends z.ZodMiniObject>(
  schema: T,
  handle: (params: z.output<T>, request: IncomingRequest) => object | Promise<object>,
): Method {
  return (request) => {
    const answer = async () => handle(decodeParams(schema, request.takeParams()), request);
    goOnUntil(answer()).then(
      (result) => request.resolve(result),
      (error: unknown) => request.reject(error),
    );
  };
}
