// What the hostile plugin can do in a call, and what must come of it. One row a behaviour; the tests and chaos share it.

import type { HostileVariant } from "../../fixtures/hostile.ts";
import type { ErrorKind } from "../../protocol/error-kinds.ts";

/** What a call is answered with: a result, or an error of that kind. */
export type Answer = "result" | ErrorKind;

export interface Behaviour {
  /** `input.do`. */
  readonly does: string;
  /** More of the input. */
  readonly input?: Readonly<Record<string, string>>;
  /** Default: `hostile`. */
  readonly variant?: HostileVariant;
  /** The call's deadline, for what never returns. */
  readonly timeoutMs?: number;
  /** One of these. */
  readonly answers: readonly Answer[];
  /** Members of the error's data. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** How the process ends because of it, as plugin/exited says it. Undefined: it goes on and keeps its state. */
  readonly end?: Readonly<Record<string, unknown>>;
  /** Whether the process ends some time after the answer. */
  readonly isLater?: boolean;
}

const DEADLINE_MS = 60;
/** For what is answered at once, or never. */
const PATIENT_MS = 5000;

type Options = Pick<Behaviour, "input" | "variant" | "timeoutMs"> & { data?: object };

/** The call returns in order, and the process goes on. */
const harmless = (does: string, options: Options = {}): Behaviour =>
  ({ does, answers: ["result"], ...options }) as Behaviour;
const wrongResult = (does: string, problem: RegExp): Behaviour => ({
  does,
  answers: ["INVALID_RESULT"],
  data: { problem: expectMatch(problem) },
});
/** The process ends while the call runs. @param how the signal, or the exit status */
const crash = (does: string, how: string | number | undefined, options: Options = {}): Behaviour => {
  const end =
    how === undefined ? {} : { signal: null, exitCode: null, [typeof how === "string" ? "signal" : "exitCode"]: how };
  const data = { sideEffectsUnknown: true, operation: "execute", ...end, ...options.data };
  return { ...options, does, answers: ["PLUGIN_CRASHED"], data, end: { ...end, reason: "crash", willRestart: true } };
};
/** Nothing is heard of the call until its deadline. */
const hang = (does: string, options: Options = {}): Behaviour => ({
  ...options,
  does,
  timeoutMs: DEADLINE_MS,
  answers: ["PLUGIN_TIMEOUT"],
  data: { timeoutMs: DEADLINE_MS, sideEffectsUnknown: true },
  end: { signal: "SIGKILL", exitCode: null, reason: "timeout", willRestart: true },
});
/** The call is answered, then the process ends. */
const laterCrash = (does: string, how: string | number, options: Options = {}): Behaviour => ({
  ...crash(does, how, options),
  answers: ["result"],
  isLater: true,
});
/** What is done at another moment, or on another thread. */
const doing = (what: string): Options => ({ input: { what } });

/** What a pattern in expected data is, for `toMatchObject`. */
function expectMatch(pattern: RegExp): unknown {
  return {
    asymmetricMatch: (actual: unknown) => typeof actual === "string" && pattern.test(actual),
    toString: () => `${pattern}`,
  };
}

/** By theme. */
export const corpus: Readonly<Record<string, readonly Behaviour[]>> = {
  crashes: [
    crash("segv", "SIGSEGV", { data: { stderrTail: "about to fall\n" } }),
    crash("sigill", "SIGILL"),
    crash("sigfpe", "SIGFPE"),
    crash("sigbus", "SIGBUS"),
    crash("abort", "SIGABRT"),
    crash("double_free", "SIGABRT", { data: { stderrTail: expectMatch(/double free/) } }),
    crash("stack_overflow", "SIGSEGV"),
    crash("smash_heap", undefined),
    crash("smash_stack", undefined),
    crash("call_null", "SIGSEGV"),
    crash("write_to_code", "SIGSEGV"),
    crash("run_data", "SIGSEGV"),
    crash("jump_out", undefined),
    crash("crash_in_handler", "SIGSEGV"),
    crash("kill_itself", "SIGKILL"),
    crash("terminate_itself", "SIGTERM"),
    crash("limit_processor", "SIGKILL"),
    crash("last_words", "SIGABRT", { data: { stderrTail: expectMatch(/^(?:.|\n){1,4098}$/) } }),
    crash("on_thread", "SIGSEGV", doing("segv")),
    crash("on_thread", "SIGABRT", doing("double_free")),
    laterCrash("after", "SIGSEGV", doing("segv")),
    laterCrash("after", "SIGABRT", doing("abort")),
    crash("answer_wild", "SIGSEGV"),
    crash("answer_high", undefined),
    crash("answer_unended", "SIGSEGV"),
    laterCrash("count", "SIGSEGV", { input: { in_free: "segv" }, variant: "hostile-frees" }),
    laterCrash("count", 0, { input: { in_free: "underscore_exit_0" }, variant: "hostile-frees" }),
    crash("answer_huge", "SIGSEGV", { input: { in_free: "segv" }, variant: "hostile-frees" }),
  ],
  "ends without a signal": [
    crash("exit_0", 0),
    crash("exit_3", 3),
    crash("exit_7", 7),
    crash("underscore_exit_0", 0),
    crash("quick_exit_0", 0),
    crash("quick_exit_5", 5),
    crash("become_true", 0),
    crash("vanish", 0, { timeoutMs: PATIENT_MS }), // where there are other threads it is a hang
    crash("end_main_thread", 0, { timeoutMs: PATIENT_MS }),
    crash("on_thread", 0, doing("exit_0")),
    crash("on_thread", 5, doing("quick_exit_5")),
    laterCrash("after", 0, doing("underscore_exit_0")),
    laterCrash("after", 7, doing("exit_7")),
  ],
  hangs: [
    hang("hang"),
    hang("spin"),
    hang("rest"),
    hang("stop"),
    hang("hang_blocking_signals"),
    hang("hang_ignoring_signals"),
    hang("deadlock"),
    hang("read_forever"),
    hang("survive_a_crash"),
    hang("crash_for_ever"),
    hang("outlive"),
    hang("on_thread", doing("stop")),
    hang("on_thread", doing("spin")),
  ],
  "attacks on the channel": [
    crash("write_junk", "SIGKILL"),
    crash("write_text", "SIGKILL"),
    crash("write_huge_length", "SIGKILL"),
    crash("flood_channel", "SIGKILL"),
    crash("close_low", undefined),
    crash("close_low_and_hang", "SIGKILL"),
    crash("close_all", undefined),
    crash("close_all_and_hang", "SIGKILL"),
    crash("replace_all", undefined),
    crash("replace_all_and_hang", "SIGKILL"),
    crash("become_sleep", "SIGKILL"),
    hang("steal_requests"),
    hang("shut_down"),
    hang("begin_long_frame"),
    harmless("truncate_low"),
    harmless("close_standard"),
    harmless("replace_standard"),
  ],
  output: [
    harmless("print"),
    harmless("print_lines"),
    harmless("print_unfinished"),
    harmless("print_protocol"),
    harmless("print_reopened"),
    harmless("print_to_copies"),
    harmless("print_through_proc"),
    harmless("print_after"),
    harmless("close_stdout"),
    harmless("flood"),
    harmless("flood_lines"),
    harmless("flood_binary"),
    harmless("flood_after"),
    crash("print_everywhere", undefined),
  ],
  lies: [
    wrongResult("answer_null", /NULL/),
    wrongResult("answer_empty", /not JSON/),
    wrongResult("answer_not_json", /not JSON/),
    wrongResult("answer_two_values", /not JSON/),
    wrongResult("answer_latin1", /not UTF-8/),
    wrongResult("answer_array", /not a JSON object/),
    wrongResult("answer_no_success", /success/),
    wrongResult("answer_files_numbers", /files/),
    wrongResult("answer_huge", /a string of \d+ bytes, at most \d+ are taken/),
    wrongResult("answer_nul_inside", /not JSON/),
    wrongResult("answer_overlong", /not UTF-8/),
    wrongResult("answer_surrogate_bytes", /not UTF-8/),
    wrongResult("answer_cut_character", /not UTF-8/),
    wrongResult("answer_control_character", /not JSON/),
    harmless("answer_lone_surrogate"),
    harmless("answer_deep"),
    { does: "answer_changing", answers: ["result", "INVALID_RESULT"] },
  ],
  state: [
    "change_directory",
    "change_environment",
    "clear_environment",
    "change_umask",
    "change_locale",
    "ignore_signals",
    "handle_signals",
    "block_signals",
    "round_towards_zero",
    "flush_to_zero",
    "trap_floating_point",
    "limit_files",
    "limit_file_size",
    "limit_memory",
    "limit_stack",
    "lower_priority",
    "take_a_name",
    "read_stdin",
  ].map((does) => harmless(does)),
  "abuses of the table": [
    ...["report_from_many", "speak_after", "emit_without_end", "emit_large", "cancel_threads"].map((does) =>
      harmless(does, { variant: "hostile-table" }),
    ),
    hang("hang", { variant: "hostile-table" }), // it does not stop when it is asked to, either
    crash("write_junk", "SIGKILL", { variant: "hostile-table" }),
  ],
  leftovers: [
    harmless("leave_child"),
    harmless("leave_daemon"),
    harmless("leave_tree"),
    harmless("leave_daemon_to_others"),
    harmless("leave_threads"),
    crash("leave_child_and_crash", "SIGABRT"),
    hang("leave_daemon_and_hang"),
  ],
};

/** A variant that does not load, and members of the error's data. What never returns is given a deadline. */
export interface LoadFailure {
  readonly name: HostileVariant;
  readonly data: Readonly<Record<string, unknown>> & { readonly kind: ErrorKind };
  readonly timeoutMs?: number;
}

const loadCrash = (name: HostileVariant, data: object = {}): LoadFailure => ({
  name,
  data: { kind: "PLUGIN_CRASHED", ...data },
});
const loadHang = (name: HostileVariant): LoadFailure => ({ name, data: { kind: "PLUGIN_TIMEOUT" }, timeoutMs: 200 });
const wrongMetadata = (name: HostileVariant): LoadFailure => ({ name, data: { kind: "INVALID_METADATA" } });

export const loadFailures: readonly LoadFailure[] = [
  loadCrash("constructor-segv", { signal: "SIGSEGV", stderrTail: "about to fall\n" }),
  loadCrash("constructor-closes-all"),
  loadCrash("constructor-writes-junk", { signal: "SIGKILL" }),
  loadCrash("version-exits", { signal: null, exitCode: 0 }),
  loadCrash("constructor-vanishes", { signal: null, exitCode: 0 }),
  loadCrash("metadata-crashes", { signal: "SIGABRT" }),
  loadCrash("metadata-wild", { signal: "SIGSEGV" }),
  loadHang("constructor-stops"),
  loadHang("constructor-blocks"),
  loadHang("constructor-daemon"),
  loadHang("version-hangs"),
  wrongMetadata("metadata-huge"),
  wrongMetadata("metadata-deep"),
  wrongMetadata("metadata-many-mistakes"),
];
