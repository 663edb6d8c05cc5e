import { furnishAll } from "./wine-tmp.ts";
await furnishAll("/tmp/winbox-work");
