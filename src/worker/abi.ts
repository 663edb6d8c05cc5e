// Owns the C side of plugin ABI v1 (PROTOCOL section 7): symbols, version, and call, copy, free on one thread.

import { ABI_VERSION, freeStringSymbol, requiredSymbols } from "../../protocol/abi-symbols.ts";
import { DlrpcError } from "../../protocol/errors.ts";
import { type Address, type NativeFunction, openLibrary } from "../native/ffi.ts";
import { stringLength } from "../native/memory.ts";
import { restoreFloatingPoint } from "../native/native-state.ts";

/** Takes a copy of a string that a plugin returned; it is freed afterwards. */
export type TakeString = (string: Address, length: number) => void;

/** An open plugin. Use it on the thread that opened it: a string is freed where it was made (A5). */
export class PluginLibrary {
  private readonly callMetadata: NativeFunction;
  private readonly callExecute: NativeFunction;
  private readonly callFree: NativeFunction | undefined;
  private readonly maxResultBytes: number;

  /**
   * Opens the library, resolves every symbol (A7) and checks the version before anything else is called (A2).
   * @param maxResultBytes longer strings of the plugin are freed and not copied
   * @throws DlrpcError LIBRARY_LOAD_FAILED, SYMBOL_MISSING, ABI_MISMATCH
   */
  constructor(path: string, maxResultBytes: number) {
    const library = open(path);
    const version = library.function("vtcode_plugin_version", "uint32_t", []);
    const metadata = library.function("vtcode_plugin_metadata", "uintptr_t", []);
    const execute = library.function("vtcode_plugin_execute", "uintptr_t", ["uintptr_t"]);
    if (version === undefined || metadata === undefined || execute === undefined) {
      const found = [version, metadata, execute];
      throw symbolsMissing(requiredSymbols.filter((_, i) => found[i] === undefined));
    }
    const actual = version();
    if (actual !== ABI_VERSION) throw versionMismatch(actual);
    this.callMetadata = metadata;
    this.callExecute = execute;
    this.callFree = library.function(freeStringSymbol, "void", ["uintptr_t"]);
    this.maxResultBytes = maxResultBytes;
  }

  /** Asks `vtcode_plugin_metadata`. @returns what is wrong with the answer, if anything is: then it is not taken */
  metadata(take: TakeString): string | undefined {
    return this.take(this.callMetadata(), take);
  }

  /**
   * Runs `vtcode_plugin_execute`.
   * @param context the context document (E1), NUL-terminated
   * @returns what is wrong with the answer, if anything is: then it is not taken
   */
  execute(context: Address, take: TakeString): string | undefined {
    return this.take(this.callExecute(context), take);
  }

  /** Copies the string, frees it exactly once where the plugin can free (A5, A6); the checks come after that. */
  private take(string: Address, take: TakeString): string | undefined {
    restoreFloatingPoint();
    if (string === 0) return "a NULL pointer";
    const length = stringLength(string);
    const fits = length <= this.maxResultBytes;
    if (fits) take(string, length);
    this.callFree?.(string);
    return fits ? undefined : `a string of ${length} bytes, at most ${this.maxResultBytes} are taken`;
  }
}

function open(path: string): ReturnType<typeof openLibrary> {
  try {
    return openLibrary(path);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new DlrpcError("LIBRARY_LOAD_FAILED", message, {
      hint: "Check that every library it depends on is installed: ldd (Linux) or otool -L (macOS) lists them.",
    });
  }
}

/** All the missing symbols together (A7). */
export function symbolsMissing(names: readonly string[]): DlrpcError {
  return new DlrpcError("SYMBOL_MISSING", `The library does not export ${names.join(", ")}`, {
    symbol: names[0],
    symbols: names,
  });
}

function versionMismatch(actual: number): DlrpcError {
  return new DlrpcError("ABI_MISMATCH", `vtcode_plugin_version() returned ${actual}, ${ABI_VERSION} is needed`, {
    expected: ABI_VERSION,
    actual,
  });
}
