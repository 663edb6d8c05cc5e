// Owns the names of the statuses by which Windows ends a process that has done wrong: it has no signals.

const names: Readonly<Record<number, string>> = {
  2147483651: "BREAKPOINT",
  3221225477: "ACCESS_VIOLATION",
  3221225478: "IN_PAGE_ERROR",
  3221225495: "NO_MEMORY",
  3221225501: "ILLEGAL_INSTRUCTION",
  3221225620: "INTEGER_DIVIDE_BY_ZERO",
  3221225622: "PRIVILEGED_INSTRUCTION",
  3221225725: "STACK_OVERFLOW",
  3221226356: "HEAP_CORRUPTION",
  3221226505: "STACK_BUFFER_OVERRUN",
  3221226519: "INVALID_CRUNTIME_PARAMETER",
};

/** @returns undefined where it is none that the system gives */
export function statusName(status: number | null): string | undefined {
  return status === null ? undefined : names[status];
}
