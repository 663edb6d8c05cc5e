// Owns closing what is open at the end of a block: `using _ = closing(descriptor)`.

import { closeSync } from "node:fs";

export const closing = (descriptor: number): Disposable => ({ [Symbol.dispose]: () => closeSync(descriptor) });
