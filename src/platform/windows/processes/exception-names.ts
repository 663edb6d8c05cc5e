// Owns the names of the exceptions by which Windows ends a process: its status is their number (winnt.h, ntstatus.h).

const names: ReadonlyMap<number, string> = new Map([
  [0x80000001, "GUARD_PAGE"],
  [0x80000002, "DATATYPE_MISALIGNMENT"],
  [0x80000003, "BREAKPOINT"],
  [0x80000004, "SINGLE_STEP"],
  [0xc0000005, "ACCESS_VIOLATION"],
  [0xc0000006, "IN_PAGE_ERROR"],
  [0xc0000008, "INVALID_HANDLE"],
  [0xc0000017, "NO_MEMORY"],
  [0xc000001d, "ILLEGAL_INSTRUCTION"],
  [0xc0000025, "NONCONTINUABLE_EXCEPTION"],
  [0xc0000026, "INVALID_DISPOSITION"],
  [0xc000008c, "ARRAY_BOUNDS_EXCEEDED"],
  [0xc000008d, "FLOAT_DENORMAL_OPERAND"],
  [0xc000008e, "FLOAT_DIVIDE_BY_ZERO"],
  [0xc000008f, "FLOAT_INEXACT_RESULT"],
  [0xc0000090, "FLOAT_INVALID_OPERATION"],
  [0xc0000091, "FLOAT_OVERFLOW"],
  [0xc0000092, "FLOAT_STACK_CHECK"],
  [0xc0000093, "FLOAT_UNDERFLOW"],
  [0xc0000094, "INTEGER_DIVIDE_BY_ZERO"],
  [0xc0000095, "INTEGER_OVERFLOW"],
  [0xc0000096, "PRIVILEGED_INSTRUCTION"],
  [0xc00000fd, "STACK_OVERFLOW"],
  [0xc0000135, "DLL_NOT_FOUND"],
  [0xc0000139, "ENTRYPOINT_NOT_FOUND"],
  [0xc0000142, "DLL_INIT_FAILED"],
  [0xc0000194, "POSSIBLE_DEADLOCK"],
  [0xc0000374, "HEAP_CORRUPTION"],
  [0xc0000409, "STACK_BUFFER_OVERRUN"],
  [0xc0000417, "INVALID_CRUNTIME_PARAMETER"],
  [0xc0000420, "ASSERTION_FAILURE"],
  [0xe06d7363, "CPP_EXCEPTION"],
]);

/** @param status how a process has ended @returns undefined where it is none of an exception that has a name */
export function exceptionName(status: number | null): string | undefined {
  return status === null ? undefined : names.get(status >>> 0); // some say it as a negative number
}
