// Says how many responses a body must get (M1, M2), by JSON.parse instead of dlrpc's own reader.

import { isUtf8 } from "node:buffer";

export function expectedResponses(body: Buffer): number {
  if (!isUtf8(body)) return 1;
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8").replace(/^\ufeff/, ""));
  } catch {
    return 1;
  }
  if (!Array.isArray(value)) return responsesTo(value);
  return value.length === 0 ? 1 : value.reduce((sum: number, element) => sum + responsesTo(element), 0);
}

function responsesTo(message: unknown): number {
  if (typeof message !== "object" || message === null || Array.isArray(message)) return 1;
  const { id, jsonrpc, method } = message as Record<string, unknown>;
  const hasId = Object.hasOwn(message, "id");
  if (hasId && typeof id !== "string" && typeof id !== "number" && id !== null) return 1;
  if (jsonrpc !== "2.0") return 1;
  if (method === undefined) return Object.hasOwn(message, "result") || Object.hasOwn(message, "error") ? 0 : 1;
  if (typeof method !== "string") return 1;
  return hasId ? 1 : 0;
}
