// Owns the product's version; the wire has one of its own (PROTOCOL_VERSION).

import manifest from "../../package.json" with { type: "json" };

export const { version } = manifest;
