// Owns what a declared state machine is: its states, and which may follow on which.

/** @param what has the state @throws Error where the one must not follow on the other, which is a defect of dlrpc's own */
export function requireSuccessor<Name extends string>(
  what: string,
  successors: Readonly<Record<Name, readonly Name[]>>,
  from: Name,
  to: Name,
): void {
  if (successors[from].includes(to)) return;
  const allowed = successors[from].join(", ") || "nothing";
  throw new Error(`${what} that is ${from} cannot become ${to}: after that comes ${allowed}`);
}
