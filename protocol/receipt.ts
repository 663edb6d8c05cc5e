// The form of a receipt: a call that has crashed or timed out, with all that is needed to run it again (R2).

import * as z from "zod/mini";
import { Sandbox } from "./sandbox.ts";

/** The form that a receipt has now. */
export const RECEIPT_VERSION = 1;

const text = () => z.string();
const object = () => z.record(z.string(), z.unknown());

/** A receipt (R2). */
export const Receipt = z.strictObject({
  receipt: z.literal(RECEIPT_VERSION),
  time: z.iso.datetime(),
  dlrpc: text(),
  plugin: z.strictObject({ name: text(), version: text(), path: text(), library: text(), integrity: text() }),
  sandbox: Sandbox,
  timeoutMs: z.nullable(z.int().check(z.positive(), z.lte(0x7fffffff))),
  failure: z.strictObject({
    kind: z.enum(["PLUGIN_CRASHED", "PLUGIN_TIMEOUT"]),
    message: text(),
    signal: z.nullable(text()),
    exitCode: z.nullable(z.int()),
    reason: z.nullable(text()),
  }),
  context: z.strictObject({ input: object(), workspace_root: z.nullable(text()), config: object() }),
});
export type Receipt = z.infer<typeof Receipt>;
