// What a host asks for in `initialize`, and the notification that it is told then (M8). All else that names either is
// made of this table or held to it.

/** Each notification of dlrpc, by the name under which it is wanted. */
export const wanted = {
  log: "plugin/log",
  exited: "plugin/exited",
  progress: "$/progress",
  refused: "plugin/refused",
  output: "plugin/output",
} as const;

/** What a host can want to be told. */
export type WantedName = keyof typeof wanted;
/** What dlrpc says without being asked. */
export type NotificationName = (typeof wanted)[WantedName];

/** The names, in their order. */
export const wantedNames = Object.keys(wanted) as readonly WantedName[];
