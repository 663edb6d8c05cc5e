// What `dlrpc doctor` says of what dlrpc needs of the system, beyond what it needs everywhere.

import type { ConfinementReport } from "../../sandbox-policy/report.ts";
import type { Check } from "../doctor-check.ts";

export function diagnosis(_report: ConfinementReport): Check[] {
  return [];
}
