"""A client for dlrpc, which runs native plugins: one file, for Python 3.9 and later, with the standard library only.

    import dlrpc_client

    with dlrpc_client.Dlrpc(trust=["plugins"]) as host:
        hello = host.load(name="hello")
        print(hello.execute({"name": "Ada"}).output)

and with asyncio:

    async with dlrpc_client.Dlrpc(trust=["plugins"]) as host:
        hello = await host.load(name="hello")
        print((await hello.execute({"name": "Ada"})).output)

Plugins are objects, errors are exceptions (a class for each kind, with `data`), partial results are iterated over. A
call is cancelled by `Call.cancel`, or as any other task of asyncio is. Whole numbers are exact, and with
`parse_float=decimal.Decimal` the others, too. What a plugin answers and Python cannot read (nested too deep, more
digits than it takes) costs that call an UnreadableAnswerError, and no other call. The protocol is in SPEC.md.
"""

from __future__ import annotations

import asyncio
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future
from functools import partial
from typing import (
    Any,
    AsyncIterator,
    Callable,
    Dict,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
    Type,
    Union,
)

JsonObject = Dict[str, Any]
Command = Union[str, Sequence[str]]

_PROTOCOL_VERSION = 1
_TAIL_LENGTH = 4096
_LONGEST_BODY = 1 << 30
_GRACE_S = 2.0  # how long the process may live on without its pipes, and its pipes without it
_COMMAND_HINT = "Set `command`, or DLRPC_BIN in the environment, to the dlrpc executable."
_FOREIGN_HINT = "`command`, or DLRPC_BIN in the environment, must be a dlrpc of the client's own release."


class DlrpcError(Exception):
    """The base of every error that dlrpc, or the connection to it, can give. Decide on the class or on `kind`."""

    kind = "UNKNOWN_KIND"
    code = 0

    def __init_subclass__(cls, kind: str, code: int) -> None:
        cls.kind = kind
        cls.code = code
        _CLASSES[kind] = cls

    def __init__(self, message: str, data: Optional[Mapping[str, Any]] = None) -> None:
        super().__init__(message)
        self.message = message
        #: `kind`, `hint` and what else is known: SPEC.md, section 5, says what there is for which kind.
        self.data: JsonObject = {"kind": self.kind, **(data or {})}

    @property
    def hint(self) -> Optional[str]:
        """What the reader can do about it, where somebody knows."""
        hint = self.data.get("hint")
        return hint if isinstance(hint, str) else None


_CLASSES: Dict[str, Type[DlrpcError]] = {}

# `npm run docs` lists Python classes here:


class ParseError(DlrpcError, kind="PARSE_ERROR", code=-32700):
    """The message is not UTF-8, or not JSON."""


class BadFrameError(DlrpcError, kind="BAD_FRAME", code=-32700):
    """The bytes are no frame: see W5."""


class InvalidRequestError(DlrpcError, kind="INVALID_REQUEST", code=-32600):
    """The message is JSON but no JSON-RPC 2.0 request, or `initialize` comes late or again."""


class DuplicateIdError(DlrpcError, kind="DUPLICATE_ID", code=-32600):
    """A request with the same id waits for its answer."""


class MessageTooLargeError(DlrpcError, kind="MESSAGE_TOO_LARGE", code=-32600):
    """The message is over the limit and was skipped."""


class MethodNotFoundError(DlrpcError, kind="METHOD_NOT_FOUND", code=-32601):
    """There is no such method."""


class InvalidParamsError(DlrpcError, kind="INVALID_PARAMS", code=-32602):
    """A member of params is missing, unknown or of a wrong form."""


class InternalError(DlrpcError, kind="INTERNAL_ERROR", code=-32603):
    """A defect of dlrpc."""


class RequestCancelledError(DlrpcError, kind="REQUEST_CANCELLED", code=-32800):
    """`$/cancelRequest`, or `plugin/unload` with `force`, ended the request."""


class PathNotFoundError(DlrpcError, kind="PATH_NOT_FOUND", code=-32001):
    """There is no such directory, or no trusted plugin of that name."""


class UntrustedPathError(DlrpcError, kind="UNTRUSTED_PATH", code=-32002):
    """A directory or file lies outside every trusted directory, or others may write to it and must not."""


class InvalidPluginError(DlrpcError, kind="INVALID_PLUGIN", code=-32003):
    """plugin.json is missing, unreadable or not in order."""


class LibraryNotFoundError(DlrpcError, kind="LIBRARY_NOT_FOUND", code=-32004):
    """The directory holds no library of a right name."""


class LibraryLoadFailedError(DlrpcError, kind="LIBRARY_LOAD_FAILED", code=-32005):
    """The library is none, is for another platform, or the loader refused it."""


class SymbolMissingError(DlrpcError, kind="SYMBOL_MISSING", code=-32006):
    """The library lacks functions of the ABI."""


class AbiMismatchError(DlrpcError, kind="ABI_MISMATCH", code=-32007):
    """The plugin is built for another ABI version."""


class InvalidMetadataError(DlrpcError, kind="INVALID_METADATA", code=-32008):
    """The plugin describes itself with NULL, or with what is not UTF-8, not JSON or not in order."""


class IntegrityFailedError(DlrpcError, kind="INTEGRITY_FAILED", code=-32009):
    """A file does not have the hash that it must have, or a signature is missing or does not hold."""


class SandboxUnavailableError(DlrpcError, kind="SANDBOX_UNAVAILABLE", code=-32010):
    """Something of the sandbox that was required cannot be enforced on this system."""


class WorkerUnavailableError(DlrpcError, kind="WORKER_UNAVAILABLE", code=-32011):
    """The process that the plugin is to run in cannot be started: no worker fits, or the system refuses."""


class ResourcesExhaustedError(DlrpcError, kind="RESOURCES_EXHAUSTED", code=-32012):
    """dlrpc has as many handles as it may, or the system gives it no more descriptors, processes or memory."""


class UnknownHandleError(DlrpcError, kind="UNKNOWN_HANDLE", code=-32020):
    """There is no such handle, or not any more."""


class PluginCrashedError(DlrpcError, kind="PLUGIN_CRASHED", code=-32021):
    """The plugin's process ended unasked, or along with another call."""


class PluginTimeoutError(DlrpcError, kind="PLUGIN_TIMEOUT", code=-32022):
    """The deadline passed."""


class InvalidResultError(DlrpcError, kind="INVALID_RESULT", code=-32023):
    """The plugin answered with NULL, or with what is not UTF-8, not JSON, too long or no result document."""


class OverloadedError(DlrpcError, kind="OVERLOADED", code=-32024):
    """Too many calls wait for the handle, or too many requests for their answers."""


class PluginQuarantinedError(DlrpcError, kind="PLUGIN_QUARANTINED", code=-32025):
    """The plugin crashed too often and is not started any more."""


class ShuttingDownError(DlrpcError, kind="SHUTTING_DOWN", code=-32026):
    """dlrpc is about to end."""
# end of the list


class ConnectionLostError(DlrpcError, kind="CONNECTION_LOST", code=-32097):
    """dlrpc could not be started, or has ended. `data["sideEffectsUnknown"]`: the request may have been received."""


class UnreadableAnswerError(DlrpcError, kind="UNREADABLE_ANSWER", code=-32603):
    """Python's parser cannot read what the plugin answered. The connection goes on."""


def _error(code: int, message: str, data: Any) -> DlrpcError:
    """The error that a response holds; a kind that only a newer dlrpc knows is a plain DlrpcError."""
    details: JsonObject = data if isinstance(data, dict) else {}
    by_code = next((kind for kind, known in _CLASSES.items() if known.code == code), "INTERNAL_ERROR")
    kind = str(details.get("kind", by_code))
    error = _CLASSES.get(kind, DlrpcError)(message, {**details, "kind": kind})
    error.kind = kind
    error.code = code
    return error


class Exit(NamedTuple):
    """How dlrpc's process has ended."""

    exit_code: Optional[int]
    signal: Optional[str]
    stderr_tail: str


class Result(NamedTuple):
    """What a plugin answers. `success=False` is an answer like any other, not an error."""

    success: bool
    output: JsonObject
    error: Optional[str]
    files: List[str]


class Call(Future):  # type: ignore[type-arg]
    """One request on its way. `result()` waits for its answer."""

    def __init__(self, connection: "_Connection", request_id: int) -> None:
        super().__init__()
        self.id = request_id
        self._connection = connection

    def cancel(self) -> bool:
        """Asks dlrpc to end it; it then fails with RequestCancelledError, unless it is answered already."""
        if not self.done():
            self._connection.notify("$/cancelRequest", {"id": self.id})
        return False  # it is not over by that


class _Watcher(NamedTuple):
    """Who is told what of a call, before its answer."""

    on_output: Optional[Callable[[Any], None]] = None
    on_progress: Optional[Callable[[JsonObject], None]] = None


_HEADER = re.compile(rb"Content-Length: (\d{1,15})\r\n")
_OWN_ID = re.compile(rb'\{"jsonrpc":"2\.0",(?:"id":(\d+),|"method":"plugin/output","params":\{"requestId":(\d+),)')


class _Connection:
    """dlrpc's process and the conversation with it. Threads read and write: a pipe holds up nobody who calls."""

    def __init__(
        self,
        command: List[str],
        env: Optional[Mapping[str, str]],
        cwd: Optional[str],
        parse_float: Callable[[str], Any],
        on_notification: Callable[[str, JsonObject], None],
        on_stderr: Callable[[str], None],
    ) -> None:
        self.command = " ".join(command)
        self.ended: "Future[Exit]" = Future()
        self.max_message_bytes = sys.maxsize
        self._problem: Optional[str] = None
        self._parse_float = parse_float
        self._on_notification = on_notification
        self._on_stderr = on_stderr
        self._lock = threading.Lock()
        self._last_id = 0
        self._calls: Dict[int, Call] = {}
        self._watchers: Dict[int, _Watcher] = {}
        self._outbox: "queue.SimpleQueue[Optional[bytes]]" = queue.SimpleQueue()
        self._stderr_tail = ""
        try:
            pipe = subprocess.PIPE
            self.process = subprocess.Popen(command, env=env, cwd=cwd, stdin=pipe, stdout=pipe, stderr=pipe)
        except (OSError, ValueError) as cause:
            data: JsonObject = {"command": self.command, "exitCode": None, "signal": None, "stderrTail": ""}
            data.update(sideEffectsUnknown=False, hint=_COMMAND_HINT)
            raise ConnectionLostError(f"dlrpc could not be started: {cause} (command: {self.command})", data) from cause
        self._reader = self._thread(self._read)
        self._stderr_reader = self._thread(self._read_stderr)
        self._writer = self._thread(self._write)
        self._thread(self._wait)

    def request(self, method: str, params: JsonObject, watcher: _Watcher = _Watcher()) -> Call:
        """Sends a request. @raise MessageTooLargeError, and what json.dumps raises: nothing has been sent then"""
        with self._lock:
            self._last_id += 1
            call = Call(self, self._last_id)
            if watcher.on_progress is not None:
                params = {**params, "progressToken": call.id}
            if watcher.on_output is not None:
                params = {**params, "partialResults": True}
            message = _encode({"id": call.id, "method": method, "params": params}, self.max_message_bytes)
            if self.ended.done():
                raise self._lost(self.ended.result(), False)
            self._calls[call.id] = call
            self._watchers[call.id] = watcher
            self._outbox.put(message)
            return call

    def notify(self, method: str, params: JsonObject) -> None:
        self._outbox.put(_encode({"method": method, "params": params}, sys.maxsize))

    def end(self) -> None:
        """The end of stdin: dlrpc answers what it has received, and ends."""
        self._outbox.put(None)

    def kill(self) -> None:
        self.process.kill()

    def give_up(self, problem: str) -> None:
        """Ends the process because it is of no use. @param problem ends the sentence "dlrpc …" """
        self._problem = self._problem or problem
        self.kill()

    def foreign(self, problem: str) -> ConnectionLostError:
        self.give_up(problem)
        error = self._lost(self.ended.result(), False)
        error.data["hint"] = _FOREIGN_HINT
        return error

    def _lost(self, end: Exit, side_effects_unknown: bool) -> ConnectionLostError:
        how = f"was ended by {end.signal}" if end.signal else f"ended with status {end.exit_code}"
        words = "\n  ".join(end.stderr_tail.rstrip().split("\n")[-10:])
        said = f"; its last words:\n  {words}" if words else ""
        data: JsonObject = {"command": self.command, "exitCode": end.exit_code, "signal": end.signal}
        data.update(stderrTail=end.stderr_tail, sideEffectsUnknown=side_effects_unknown, hint=_COMMAND_HINT)
        return ConnectionLostError(f"dlrpc {self._problem or how} (command: {self.command}){said}", data)

    # The threads.

    def _thread(self, run: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=run, name=f"dlrpc {run.__name__.strip('_')}", daemon=True)
        thread.start()
        return thread

    def _write(self) -> None:
        assert self.process.stdin is not None
        try:
            with self.process.stdin as stdin:
                for message in iter(self._outbox.get, None):
                    stdin.write(message)
                    stdin.flush()
        except OSError:  # it does not read any more: what waits for an answer is told when it has ended
            self._end_alone()

    def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            for body in _bodies(self.process.stdout):
                self._receive(body)
        except _NoMessage as problem:
            self.give_up(f"wrote {problem}")
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            self.give_up(f"wrote what is no message of the protocol: {problem!r}")
        self._end_alone()

    def _read_stderr(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            text = line.decode("utf-8", "replace")
            self._stderr_tail = (self._stderr_tail + text)[-_TAIL_LENGTH:]
            _outside(self._on_stderr, text)

    def _end_alone(self) -> None:
        try:
            self.process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def _wait(self) -> None:
        status = self.process.wait()
        self._outbox.put(None)
        for thread in (self._reader, self._stderr_reader, self._writer):
            thread.join(_GRACE_S)  # something that it has started may hold its pipes
        for thread, pipe in ((self._reader, self.process.stdout), (self._stderr_reader, self.process.stderr)):
            if pipe is not None and not thread.is_alive():
                pipe.close()
        end = Exit(status if status >= 0 else None, _signal_name(-status) if status < 0 else None, self._stderr_tail)
        with self._lock:
            self.ended.set_result(end)
            lost, self._calls = list(self._calls.values()), {}
        for call in lost:
            call.set_exception(self._lost(end, True))

    def _receive(self, body: bytes) -> None:
        try:
            message = json.loads(body, parse_float=self._parse_float)
        except Exception as cause:  # whatever the parser and the user's parse_float cannot take
            self._unreadable(body, cause)
            return
        if not isinstance(message, dict):
            raise _NoMessage(f"{body[:60]!r} where a message is due")
        if "method" in message:
            self._hear(str(message["method"]), message.get("params"))
            return
        told = message.get("error")
        error = _error(int(told["code"]), str(told["message"]), told.get("data")) if told is not None else None
        call = self._take(message.get("id"))
        if call is not None and error is not None:
            call.set_exception(error)
        elif call is not None:
            call.set_result(message.get("result"))

    def _take(self, request_id: Any) -> Optional[Call]:
        with self._lock:
            self._watchers.pop(request_id, None)
            return self._calls.pop(request_id, None)

    def _unreadable(self, body: bytes, cause: Exception) -> None:
        found = _OWN_ID.match(body)
        if found is None:
            raise _NoMessage(f"{body[:60]!r} where a message is due")
        call = self._take(int(found[1] or found[2]))
        if call is not None:
            hint = 'With args=["--portable-json"] dlrpc itself refuses most of what parsers do not read.'
            problem = f"Python cannot read the plugin's answer: {cause}"
            call.set_exception(UnreadableAnswerError(problem, {"hint": hint}))

    def _hear(self, method: str, params: Any) -> None:
        if not isinstance(params, dict):
            return
        if method in ("plugin/output", "$/progress"):
            is_output = method == "plugin/output"
            watcher = self._watchers.get(params.get("requestId" if is_output else "token"))  # type: ignore[arg-type]
            if watcher is None:
                return
            if is_output and watcher.on_output is not None:
                _outside(watcher.on_output, params.get("value"))
            if not is_output and watcher.on_progress is not None:
                _outside(watcher.on_progress, params["value"])
            return
        _outside(self._on_notification, method, params)


class _NoMessage(Exception):
    """What was read is not the protocol; the text ends the sentence "dlrpc wrote …"."""


def _bodies(stream: Any) -> Iterator[bytes]:
    """What stands between the headers (W7: dlrpc writes exactly this header), until the end of the stream."""
    while True:
        header = stream.readline(64)
        if header == b"":
            return
        found = _HEADER.fullmatch(header)
        if found is None or int(found[1]) > _LONGEST_BODY:
            raise _NoMessage(f"{header.decode('utf-8', 'replace')!r} where a message is due")
        rest = stream.read(2 + int(found[1]))
        if len(rest) < 2 + int(found[1]):
            return  # it has ended in the middle of a message
        yield rest[2:]


def _encode(members: JsonObject, limit: int) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **members}, allow_nan=False, separators=(",", ":")).encode()
    if len(body) > limit:
        hint = "Send less, or start dlrpc with a larger --max-message-bytes."
        text = f"The message has {len(body)} bytes, dlrpc takes no more than {limit}"
        raise MessageTooLargeError(text, {"hint": hint, "limit": limit, "size": len(body)})
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def _outside(callback: Callable[..., None], *args: Any) -> None:
    """Calls what is the user's. What it raises is reported, and the connection goes on."""
    try:
        callback(*args)
    except BaseException as error:  # SystemExit, too: it would end the thread that reads, and every call would wait
        sys.excepthook(type(error), error, error.__traceback__)


def _nobody(*_: Any) -> None:
    pass


def _signal_name(number: int) -> str:
    """Most of the real-time signals have no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def _without_none(**members: Any) -> JsonObject:
    return {name: value for name, value in members.items() if value is not None}


def _command_line(command: Optional[Command], trust: Sequence[str], args: Sequence[str]) -> List[str]:
    chosen = command or os.environ.get("DLRPC_BIN") or "dlrpc"
    start = [chosen] if isinstance(chosen, str) else list(chosen)
    return [*start, "serve", *(f"--trust={directory}" for directory in trust), *args, "--framing=headers"]


def _ready(connection: _Connection, answer: Call) -> JsonObject:
    """@returns what dlrpc said of itself @raise ConnectionLostError where it is no dlrpc of this protocol"""
    try:
        info = answer.result()
    except DlrpcError as error:
        supported = error.data.get("supported")
        if isinstance(supported, list):
            raise connection.foreign(_other_version(", ".join(map(str, supported)))) from None
        if error.hint is None and "issues" not in error.data:
            raise connection.foreign(f"is another program: it refused `initialize` with {error.message!r}") from None
        connection.kill()
        raise
    members: JsonObject = info if isinstance(info, dict) else {}
    server, limits = members.get("serverInfo"), members.get("limits")
    name = server.get("name") if isinstance(server, dict) else None
    longest = limits.get("maxMessageBytes") if isinstance(limits, dict) else None
    if name != "dlrpc":
        raise connection.foreign(f"is another program: the name that it gives is {name!r}")
    if members.get("protocolVersion") != _PROTOCOL_VERSION:
        raise connection.foreign(_other_version(str(members.get("protocolVersion"))))
    if not isinstance(longest, int):
        raise connection.foreign("does not say how long a message may be")
    connection.max_message_bytes = longest
    return members


def _other_version(spoken: str) -> str:
    return f"speaks version {spoken} of the protocol, and this client version {_PROTOCOL_VERSION}"


def _result(answer: JsonObject) -> Result:
    return Result(answer["success"], answer["output"], answer["error"], answer["files"])


class _Base:
    """What both ways of using a plugin have in common."""

    def __init__(self, connection: _Connection, loaded: JsonObject) -> None:
        self._connection = connection
        #: Everything that dlrpc said of it when it was loaded, or reloaded last.
        self.loaded = loaded

    @property
    def handle(self) -> str:
        """dlrpc's name for it, never used again for another."""
        return str(self.loaded["handle"])

    @property
    def metadata(self) -> JsonObject:
        """What the plugin says of itself."""
        metadata: JsonObject = self.loaded["metadata"]
        return metadata

    def start(
        self,
        input: Optional[Mapping[str, Any]] = None,
        *,
        config: Optional[Mapping[str, Any]] = None,
        workspace_root: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        cancel_grace_ms: Optional[int] = None,
        on_progress: Optional[Callable[[JsonObject], None]] = None,
        on_output: Optional[Callable[[Any], None]] = None,
    ) -> Call:
        """Begins a call. Callbacks are called before its answer, on a thread of the client's.
        @returns what to cancel it by, and to wait for its answer with (a dict, as SPEC.md has it)"""
        params = _without_none(
            config=config, workspaceRoot=workspace_root, timeoutMs=timeout_ms, cancelGraceMs=cancel_grace_ms
        )
        params.update(handle=self.handle, input={} if input is None else input)
        return self._connection.request("plugin/execute", params, _Watcher(on_output, on_progress))


_END = object()


class Stream:
    """A call whose partial results are iterated over as they come. Leaving it early cancels the call."""

    def __init__(self, begin: Callable[[Callable[[Any], None]], Call]) -> None:
        self._values: "queue.SimpleQueue[Any]" = queue.SimpleQueue()
        self.call = begin(self._values.put)
        self.call.add_done_callback(lambda _: self._values.put(_END))

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from iter(self._values.get, _END)
            self.call.result()  # raises what the call failed with
        finally:
            self.call.cancel()  # once the call has ended, nothing comes of it

    def result(self) -> Result:
        """What the call ends with."""
        return _result(self.call.result())


class Plugin(_Base):
    """A loaded plugin. `with` unloads it."""

    def execute(
        self,
        input: Optional[Mapping[str, Any]] = None,
        *,
        config: Optional[Mapping[str, Any]] = None,
        workspace_root: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        cancel_grace_ms: Optional[int] = None,
        on_progress: Optional[Callable[[JsonObject], None]] = None,
        on_output: Optional[Callable[[Any], None]] = None,
    ) -> Result:
        """Calls the plugin and waits for its answer, as `start` says. An interrupt (Ctrl-C) cancels the call."""
        call = self.start(
            input,
            config=config,
            workspace_root=workspace_root,
            timeout_ms=timeout_ms,
            cancel_grace_ms=cancel_grace_ms,
            on_progress=on_progress,
            on_output=on_output,
        )
        try:
            return _result(call.result())
        finally:
            call.cancel()

    def stream(
        self,
        input: Optional[Mapping[str, Any]] = None,
        *,
        config: Optional[Mapping[str, Any]] = None,
        workspace_root: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        cancel_grace_ms: Optional[int] = None,
        on_progress: Optional[Callable[[JsonObject], None]] = None,
    ) -> Stream:
        """Calls the plugin as `execute` does, and lets its partial results be iterated over."""
        start = partial(
            self.start,
            input,
            config=config,
            workspace_root=workspace_root,
            timeout_ms=timeout_ms,
            cancel_grace_ms=cancel_grace_ms,
            on_progress=on_progress,
        )
        return Stream(lambda on_output: start(on_output=on_output))

    def reload(self) -> None:
        """Reads the plugin anew from disk, once all earlier calls are done. Where that fails, the old code stays."""
        self.loaded = self._connection.request("plugin/reload", {"handle": self.handle}).result()

    def unload(self, force: bool = False) -> None:
        """Unloads it once all earlier calls are done, or at once (`force`), which ends them."""
        self._connection.request("plugin/unload", {"handle": self.handle, "force": force}).result()

    def __enter__(self) -> "Plugin":
        return self

    def __exit__(self, *_: Any) -> None:
        try:
            self.unload()
        except (UnknownHandleError, ShuttingDownError, ConnectionLostError):
            pass  # it is gone already


class Host:
    """A running dlrpc. `with` ends it."""

    def __init__(self, connection: _Connection, info: JsonObject) -> None:
        self._connection = connection
        #: What dlrpc said of itself: version, trusted directories, limits, methods.
        self.info = info

    @property
    def pid(self) -> int:
        return self._connection.process.pid

    def request(self, method: str, params: Optional[JsonObject] = None) -> Any:
        """Any method of the protocol, by its name."""
        return self._connection.request(method, params or {}).result()

    def load(
        self,
        path: Optional[str] = None,
        *,
        name: Optional[str] = None,
        config: Optional[Mapping[str, Any]] = None,
        timeout_ms: Optional[int] = None,
        sandbox: Optional[Mapping[str, Any]] = None,
        env: Optional[Mapping[str, str]] = None,
        integrity: Optional[str] = None,
    ) -> Plugin:
        """Loads a plugin by its directory, or by its name. The rest is as plugin/load has it."""
        params = _load_params(path, name, config, timeout_ms, sandbox, env, integrity)
        return Plugin(self._connection, self.request("plugin/load", params))

    def list(self) -> List[JsonObject]:
        """What is loaded, how it does, and what it has done."""
        plugins: List[JsonObject] = self.request("plugin/list")["plugins"]
        return plugins

    def shutdown(self) -> Exit:
        """Ends dlrpc in order: calls finish, plugins are unloaded.
        @raise ConnectionLostError where it ended in another way"""
        try:
            self.request("shutdown")
        except ShuttingDownError:
            pass  # a signal came first
        self._connection.end()
        return self._connection.ended.result()

    def kill(self) -> Exit:
        """Ends dlrpc at once, and its plugins with it."""
        self._connection.kill()
        return self._connection.ended.result()

    def __enter__(self) -> "Host":
        return self

    def __exit__(self, *_: Any) -> None:
        try:
            self.shutdown()
        except ConnectionLostError:
            pass  # it has ended already


def _load_params(
    path: Optional[str],
    name: Optional[str],
    config: Optional[Mapping[str, Any]],
    timeout_ms: Optional[int],
    sandbox: Optional[Mapping[str, Any]],
    env: Optional[Mapping[str, str]],
    integrity: Optional[str],
) -> JsonObject:
    params = _without_none(path=path, name=name, config=config, timeoutMs=timeout_ms)
    return {**params, **_without_none(sandbox=sandbox, env=env, integrity=integrity)}


class AsyncStream:
    """As Stream, for `async for`."""

    def __init__(self, begin: Callable[[Callable[[Any], None]], Call]) -> None:
        self._values: "asyncio.Queue[Any]" = asyncio.Queue()
        put = _to_loop(self._values.put_nowait)
        self.call = begin(put)
        self.call.add_done_callback(lambda _: put(_END))

    async def __aiter__(self) -> AsyncIterator[Any]:
        try:
            while True:
                value = await self._values.get()
                if value is _END:
                    break
                yield value
            self.call.result()
        finally:
            self.call.cancel()

    async def result(self) -> Result:
        """What the call ends with."""
        return _result(await asyncio.shield(asyncio.wrap_future(self.call)))


class AsyncPlugin(_Base):
    """A loaded plugin. `async with` unloads it. Cancelling the task that awaits a call cancels the call."""

    async def execute(
        self,
        input: Optional[Mapping[str, Any]] = None,
        *,
        config: Optional[Mapping[str, Any]] = None,
        workspace_root: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        cancel_grace_ms: Optional[int] = None,
        on_progress: Optional[Callable[[JsonObject], None]] = None,
        on_output: Optional[Callable[[Any], None]] = None,
    ) -> Result:
        """Calls the plugin, as `start` says; callbacks are called in the event loop."""
        call = self.start(
            input,
            config=config,
            workspace_root=workspace_root,
            timeout_ms=timeout_ms,
            cancel_grace_ms=cancel_grace_ms,
            on_progress=_in_loop(on_progress),
            on_output=_in_loop(on_output),
        )
        return _result(await asyncio.wrap_future(call))

    def stream(
        self,
        input: Optional[Mapping[str, Any]] = None,
        *,
        config: Optional[Mapping[str, Any]] = None,
        workspace_root: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        cancel_grace_ms: Optional[int] = None,
        on_progress: Optional[Callable[[JsonObject], None]] = None,
    ) -> AsyncStream:
        """Calls the plugin as `execute` does, at once, and lets its partial results be iterated over."""
        start = partial(
            self.start,
            input,
            config=config,
            workspace_root=workspace_root,
            timeout_ms=timeout_ms,
            cancel_grace_ms=cancel_grace_ms,
            on_progress=_in_loop(on_progress),
        )
        return AsyncStream(lambda on_output: start(on_output=on_output))

    async def reload(self) -> None:
        """Reads the plugin anew from disk, once all earlier calls are done. Where that fails, the old code stays."""
        self.loaded = await asyncio.wrap_future(self._connection.request("plugin/reload", {"handle": self.handle}))

    async def unload(self, force: bool = False) -> None:
        """Unloads it once all earlier calls are done, or at once (`force`), which ends them."""
        await asyncio.wrap_future(self._connection.request("plugin/unload", {"handle": self.handle, "force": force}))

    async def __aenter__(self) -> "AsyncPlugin":
        return self

    async def __aexit__(self, *_: Any) -> None:
        try:
            await self.unload()
        except (UnknownHandleError, ShuttingDownError, ConnectionLostError):
            pass  # it is gone already


class AsyncHost:
    """A running dlrpc. `async with` ends it."""

    def __init__(self, connection: _Connection, info: JsonObject) -> None:
        self._connection = connection
        #: What dlrpc said of itself: version, trusted directories, limits, methods.
        self.info = info

    @property
    def pid(self) -> int:
        return self._connection.process.pid

    async def request(self, method: str, params: Optional[JsonObject] = None) -> Any:
        """Any method of the protocol, by its name."""
        return await asyncio.wrap_future(self._connection.request(method, params or {}))

    async def load(
        self,
        path: Optional[str] = None,
        *,
        name: Optional[str] = None,
        config: Optional[Mapping[str, Any]] = None,
        timeout_ms: Optional[int] = None,
        sandbox: Optional[Mapping[str, Any]] = None,
        env: Optional[Mapping[str, str]] = None,
        integrity: Optional[str] = None,
    ) -> AsyncPlugin:
        """Loads a plugin by its directory, or by its name. The rest is as plugin/load has it."""
        params = _load_params(path, name, config, timeout_ms, sandbox, env, integrity)
        return AsyncPlugin(self._connection, await self.request("plugin/load", params))

    async def list(self) -> List[JsonObject]:
        """What is loaded, how it does, and what it has done."""
        plugins: List[JsonObject] = (await self.request("plugin/list"))["plugins"]
        return plugins

    async def shutdown(self) -> Exit:
        """Ends dlrpc in order: calls finish, plugins are unloaded.
        @raise ConnectionLostError where it ended in another way"""
        try:
            await self.request("shutdown")
        except ShuttingDownError:
            pass  # a signal came first
        self._connection.end()
        return await asyncio.shield(asyncio.wrap_future(self._connection.ended))

    async def kill(self) -> Exit:
        """Ends dlrpc at once, and its plugins with it."""
        self._connection.kill()
        return await asyncio.shield(asyncio.wrap_future(self._connection.ended))

    async def __aenter__(self) -> "AsyncHost":
        return self

    async def __aexit__(self, *_: Any) -> None:
        try:
            await self.shutdown()
        except ConnectionLostError:
            pass  # it has ended already


Callback = Callable[..., Any]


def _to_loop(callback: Callback) -> Callback:
    """Has it called in the event loop that runs here."""
    loop = asyncio.get_running_loop()

    def call(*args: Any) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(callback, *args)

    return call


def _in_loop(callback: Optional[Callback]) -> Optional[Callback]:
    return None if callback is None else _to_loop(callback)


class Dlrpc:
    """How dlrpc is started. `with` and `spawn` start it for plain use, `async with` and `spawn_async` for asyncio; then
    callbacks are called in the event loop, and else on threads of the client's."""

    def __init__(
        self,
        *,
        command: Optional[Command] = None,
        trust: Sequence[str] = (),
        args: Sequence[str] = (),
        env: Optional[Mapping[str, str]] = None,
        cwd: Optional[str] = None,
        workspace_root: Optional[str] = None,
        start_timeout_s: float = 30.0,
        parse_float: Callable[[str], Any] = float,
        on_log: Optional[Callable[[JsonObject], None]] = None,
        on_exited: Optional[Callable[[JsonObject], None]] = None,
        on_refused: Optional[Callable[[JsonObject], None]] = None,
        on_stderr: Optional[Callable[[str], None]] = None,
    ) -> None:
        """
        command: the executable, or it and what stands before `serve`; default: DLRPC_BIN, else `dlrpc`
        trust: directories to load plugins from
        args: more options of `dlrpc serve`
        env, cwd: those of the process
        workspace_root: what paths are relative to, and what plugins are told of as such
        start_timeout_s: how long dlrpc may take until it is ready
        parse_float: what numbers with a fraction or an exponent become, such as decimal.Decimal
        on_log, on_exited, on_refused: are told what the notifications of these names hold
        on_stderr: is told what dlrpc itself writes for people
        """
        self._command = _command_line(command, trust, args)
        self._how = (env, cwd, parse_float)
        self._params = _without_none(workspaceRoot=workspace_root)
        self._start_timeout_s = start_timeout_s
        told: Dict[str, Optional[Callback]] = {"log": on_log, "exited": on_exited, "refused": on_refused}
        self._listeners: Dict[str, Callback] = {name: heard for name, heard in told.items() if heard is not None}
        self._on_stderr: Callback = on_stderr or _nobody

    def spawn(self) -> "Host":
        """Starts dlrpc and waits until it is ready.
        @raise ConnectionLostError where it cannot be started, ends before, is late, or is another program or version"""
        connection, answer, deadline = self._start(lambda callback: callback)
        try:
            return Host(connection, _ready(connection, answer))
        except BaseException:
            connection.kill()
            raise
        finally:
            deadline.cancel()

    async def spawn_async(self) -> "AsyncHost":
        """As `spawn`. Cancelling the task ends the start."""
        connection, answer, deadline = self._start(_to_loop)
        try:
            answered = asyncio.wrap_future(answer)
            answered.add_done_callback(lambda future: future.cancelled() or future.exception())  # _ready tells of it
            await asyncio.wait({answered})
            return AsyncHost(connection, _ready(connection, answer))
        except BaseException:
            connection.kill()
            raise
        finally:
            deadline.cancel()

    def __enter__(self) -> "Host":
        self._host = self.spawn()
        return self._host

    def __exit__(self, *raised: Any) -> None:
        self._host.__exit__(*raised)

    async def __aenter__(self) -> "AsyncHost":
        self._async_host = await self.spawn_async()
        return self._async_host

    async def __aexit__(self, *raised: Any) -> None:
        await self._async_host.__aexit__(*raised)

    def _start(self, heard: Callable[[Callback], Callback]) -> Tuple[_Connection, Call, threading.Timer]:
        """@returns the connection, the answer to `initialize`, and what ends the process if that comes too late"""
        listeners = {f"plugin/{name}": heard(listener) for name, listener in self._listeners.items()}

        def tell(method: str, params: JsonObject) -> None:
            listener = listeners.get(method)
            if listener is not None:
                listener(params)

        connection = _Connection(self._command, *self._how, tell, heard(self._on_stderr))
        late = f"did not answer `initialize` within {self._start_timeout_s} s (`start_timeout_s`)"
        deadline = threading.Timer(self._start_timeout_s, connection.give_up, [late])
        deadline.daemon = True
        deadline.start()
        asked = {"protocolVersion": _PROTOCOL_VERSION, "notifications": ["progress", *self._listeners]}
        return connection, connection.request("initialize", {**self._params, **asked}), deadline
