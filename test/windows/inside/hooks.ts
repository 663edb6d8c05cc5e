// Lets what is imported here find koffi for Windows (node --import).

import { registerHooks } from "node:module";

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "koffi"
      ? { url: new URL("koffi.ts", import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
});
