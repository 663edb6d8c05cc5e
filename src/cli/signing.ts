// Owns the verbs that make and check signatures, as one piece: the other verbs need not load it.

import { runKeygen } from "./keygen.ts";
import { runSign } from "./sign.ts";
import { runVerify } from "./verify.ts";

export const signingVerbs = { keygen: runKeygen, sign: runSign, verify: runVerify } as const;
