// Owns the C side of plugin ABI v1 (PROTOCOL section 7): symbols, version, and call, copy, free on one thread.

import { ABI_VERSION, freeStringSymbol, requiredSymbols } from "../../protocol/abi.ts";
import { DlrpcError } from "../../protocol/errors.ts";
import { type Address, type NativeFunction, openLibrary } from "../native/ffi.ts";
import { copyBytes, stringLength } from "../native/memory.ts";
import { restoreFloatingPoint } from "../native/native-state.ts";

/** A string that a plugin returned, or why there is none. */
export type PluginString = { text: Buffer } | { problem: string };

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
    const execute = library.function("vtcode_plugin_execute", "uintptr_t", ["void *"]);
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

  /** What `vtcode_plugin_metadata` returned. */
  metadata(): PluginString {
    return this.take(this.callMetadata(), 0);
  }

  /**
   * Runs `vtcode_plugin_execute`.
   * @param context the context document (E1), NUL-terminated
   * @param headroom how many bytes to leave free in front of the text
   */
  execute(context: Uint8Array, headroom: number): PluginString {
    return this.take(this.callExecute(context), headroom);
  }

  /** Copies the string, frees it exactly once where the plugin can free (A5, A6); the checks come after that. */
  private take(string: Address, headroom: number): PluginString {
    restoreFloatingPoint();
    if (string === 0) return { problem: "a NULL pointer" };
    const length = stringLength(string);
    const fits = length <= this.maxResultBytes;
    const text = Buffer.allocUnsafeSlow(headroom + (fits ? length : 0));
    if (fits) copyBytes(text.subarray(headroom), string, length);
    this.callFree?.(string);
    return fits ? { text } : { problem: `a string of ${length} bytes, at most ${this.maxResultBytes} are taken` };
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
