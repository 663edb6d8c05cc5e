// Owns what a method is: a schema for its params, and what it does with them.

import type * as z from "zod/mini";
import { DlrpcError } from "../../../protocol/errors.ts";
import { log } from "../../observe/log.ts";
import { inBackground } from "../../platform/both-halves/promises.ts";
import { knownError } from "../../platform/exhaustion.ts";
import { decodeParams, type Form, type Params } from "../../rpc/params.ts";
import type { IncomingRequest } from "../../rpc/request.ts";

/** Answers one request, now or later. @throws DlrpcError instead of answering */
export type Method = (request: IncomingRequest) => void;

/**
 * A method that answers with what `handle` returns.
 * @param refused is told of the error about params that are not as they must be, and may throw another in its place
 */
export function method<T extends z.ZodMiniObject>(
  form: Form<T>,
  handle: (params: z.output<T>, request: IncomingRequest) => object | Promise<object>,
  refused = (_error: DlrpcError, _params: Params): void => {},
): Method {
  const decode = (params: Params) => {
    try {
      return decodeParams(form, params);
    } catch (error) {
      if (error instanceof DlrpcError) refused(error, params);
      throw error;
    }
  };
  return (request) => {
    const answer = async () => {
      try {
        request.resolve(await handle(decode(request.takeParams()), request));
      } catch (error) {
        const known = knownError(error);
        if (known !== undefined) log("info", `${request.method} is refused: ${known.kind}: ${known.message}`);
        request.reject(error);
      }
    };
    inBackground(answer());
  };
}
