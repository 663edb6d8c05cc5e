// The form of pieces: how a transcript writes bytes.

import * as z from "zod/mini";

/** Bytes: text, parts of them in a row, or a part many times over. */
export type Pieces = string | { base64: string } | { repeat: Pieces; times: number } | Pieces[];

export const Pieces: z.ZodMiniType<Pieces> = z.lazy(() =>
  z.union([
    z.string(),
    z.strictObject({ base64: z.base64() }),
    z.strictObject({ repeat: Pieces, times: z.int().check(z.positive()) }),
    z.array(Pieces),
  ]),
);
