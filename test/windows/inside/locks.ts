// Says whether it gets a file to itself, and may keep it.

import { lockFile } from "../../../src/platform/windows/files/lock.ts";

const [, , path = "", what] = process.argv;
const lock = lockFile(path);
process.stdout.write(String(lock !== undefined));
if (what === "hold") process.stdin.resume();
