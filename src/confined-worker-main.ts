// Owns the start of a worker that is to be confined: it confines itself and becomes the worker proper, whose code it does
// not load.

import { becomeConfinedWorker } from "./worker/birth.ts";

const [brokerPid = "", maxResultBytes = "", birth = ""] = process.argv.slice(3);
becomeConfinedWorker(brokerPid, maxResultBytes, birth);
