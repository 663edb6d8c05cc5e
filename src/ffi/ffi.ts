// Owns koffi: the only file that imports it. Everything native goes through the few functions here.

import { closeSync } from "node:fs";
import koffi, { type LibraryHandle } from "koffi";

/** An address in this process's memory; 0 is NULL. User space ends at 2^47, far within a double's 2^53. */
export type Address = number;

/**
 * The C types in use. `void *` takes a Uint8Array or null and passes where its bytes are; `str` takes a string, `str *`
 * an array of strings that ends with null, `str16` a string for those who take it in UTF-16, as Windows does.
 */
export type CType =
  | "int"
  | "uint"
  | "uint32_t"
  | "int64_t"
  | "intptr_t"
  | "uintptr_t"
  | "size_t"
  | "void *"
  | "str"
  | "str *"
  | "str16"
  | "void";

/** A C function; arguments and result are of the types that it was declared with. */
export type NativeFunction = (
  ...args: readonly (number | string | Uint8Array | readonly (string | null)[] | null)[]
) => number;

/** The running program and its C library; the collector would close it, with code of it perhaps still running. */
const program = koffi.load(null);

/** A function of the running program or its C library; undefined where there is none of that name. */
export function nativeFunction(name: string, result: CType, parameters: readonly CType[]): NativeFunction | undefined {
  try {
    program.symbol(name);
  } catch {
    return undefined; // the only way in which `symbol` fails: there is none
  }
  return program.func(name, result, [...parameters]) as unknown as NativeFunction;
}

/** Since Node 26 promises and ticks wait for a callback of Node's own after one of koffi's: setImmediate runs it. */
const nothing = () => {};

const libraries = new Map<string, LibraryHandle>();

/**
 * A function of a library that the program is not linked to. The library is opened when the function is called first.
 * @param path absolute, lest it be looked for in the working directory and along PATH
 * @throws Error from the call, naming what is missing
 */
export function libraryFunction(
  path: () => string,
  name: string,
  result: CType,
  parameters: readonly CType[],
): NativeFunction {
  let found: NativeFunction | undefined;
  return (...args) => {
    found ??= opened(path()).func(name, result, [...parameters]) as unknown as NativeFunction;
    return found(...args);
  };
}

/** Kept open, as the program is. */
function opened(path: string): LibraryHandle {
  const library = libraries.get(path) ?? koffi.load(path);
  libraries.set(path, library);
  return library;
}

/**
 * The address of a function for those that let another thread say when something has come (on Windows, WAITORTIMERCALLBACK
 * of RegisterWaitForSingleObject). `told` is called on the event loop, and the thread waits for that. It keeps no process
 * running. One can be had of few, and none is given back: a call gets the number by which whoever waits has named it.
 */
export function waitCallback(told: (name: number) => void): Address {
  const type = koffi.proto("void", ["uintptr_t", "uint8_t"]);
  const pointer = koffi.register((name: number) => {
    told(name);
    setImmediate(nothing);
  }, koffi.pointer(type));
  return Number(pointer);
}

/** The address of a buffer's first byte. The buffer must be kept for as long as the address is used. */
export function addressOf(bytes: Uint8Array): Address {
  return Number(koffi.address(bytes));
}

/** Memory at an address as JavaScript sees it. It must not be used after the memory is given back. */
export function viewOf(address: Address, length: number): ArrayBuffer {
  return koffi.view(BigInt(address), length);
}

/** What the last native function left in errno (errno(3)). */
export function errno(): number {
  return koffi.errno();
}

/** The name of an error, for messages. */
export function errorName(number: number): string {
  const known = Object.entries(koffi.os.errno).find(([, value]) => value === number);
  return known?.[0] ?? `errno ${number}`;
}

/** The name of the error that the last native function left in errno, for messages. */
export function lastError(): string {
  return errorName(errno());
}

/** A descriptor that the event loop waits for. */
export interface PolledDescriptor {
  /** Sets what is waited for. */
  wait(readable: boolean, writable: boolean): void;
  close(): void;
}

const polled = new Set<unknown>();

/** Calls `action` on the event loop whenever what is waited for has come, or an error. Keeps no process running. */
export function pollDescriptor(
  descriptor: number,
  action: (readable: boolean, writable: boolean) => void,
): PolledDescriptor {
  const told = ({ readable, writable }: { readable: boolean; writable: boolean }) => {
    action(readable, writable);
    setImmediate(nothing);
  };
  const handle = koffi.node.poll(descriptor, { readable: true }, told);
  handle.stop();
  handle.unref();
  polled.add(handle); // a handle that is collected stops polling
  return {
    wait(readable, writable) {
      if (readable || writable) handle.start({ readable, writable }, told);
      else handle.stop();
    },
    close() {
      polled.delete(handle);
      handle.close();
    },
  };
}

/** Calls `action` on the event loop when `descriptor` becomes readable, and closes it. Keeps no process running. */
export function whenReadable(descriptor: number, action: () => void): void {
  const watch = pollDescriptor(descriptor, () => {
    watch.close();
    closeSync(descriptor);
    action();
  });
  watch.wait(true, false);
}
