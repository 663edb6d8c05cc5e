// Stands in for the package koffi in workers: on Linux the addon is what the broker has open for them. The package would
// take longer to find it than a worker takes for all else that it does until it is ready.

import { loadInherited } from "./addon.ts";

export default process.platform === "linux" ? loadInherited() : module.require("koffi");
