"""The Python client with the built program and the fixtures, and with programs that are not dlrpc."""

import asyncio
import decimal
import json
import os
import signal
import subprocess
import sys
import threading
import time
import unittest

import dlrpc_client
from dlrpc_client import Dlrpc

FIXTURES = os.environ["FIXTURES"]
COMMAND = json.loads(os.environ["COMMAND"])


def start(**options):
    return Dlrpc(**{"command": COMMAND, "trust": [FIXTURES], **options})


def path(name):
    return os.path.join(FIXTURES, name)


def script(code):
    """A program that is not dlrpc, but can `receive()` and `send(members)` like it. It has received `initialize`."""
    send = """
import json, os, sys, time
def send(members):
    body = json.dumps({"jsonrpc": "2.0", **members}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n%s" % (len(body), body))
    sys.stdout.flush()
READY = {"protocolVersion": 1, "serverInfo": {"name": "dlrpc"}, "limits": {"maxMessageBytes": 1000}}
def receive():
    head = sys.stdin.buffer.readline()
    return json.loads(sys.stdin.buffer.read(2 + int(head.split()[1]))) if head else None
def hang():
    time.sleep(1000)
receive()
"""
    return {"command": [sys.executable, "-c", send + code]}


class Plain(unittest.TestCase):
    def test_a_call_has_what_it_was_given(self):
        with start(workspace_root="/workspace") as host:
            self.assertEqual(host.info["serverInfo"]["name"], "dlrpc")
            echo = host.load(name="echo", config={"from": "load"})
            self.assertEqual(echo.metadata["name"], "echo")
            result = echo.execute({"text": "größer", "big": 2**70})
            context = {"input": {"text": "größer", "big": 2**70}, "workspace_root": "/workspace"}
            self.assertEqual(result.output["context"], {**context, "config": {"from": "load"}})
            self.assertTrue(result.success)
            own = echo.execute(config={}, workspace_root="/other").output["context"]
            self.assertEqual(own, {"input": {}, "workspace_root": "/other", "config": {}})

    def test_numbers_are_exact_where_it_is_asked_for(self):
        with start(parse_float=decimal.Decimal) as host:
            output = host.load(path("hostile")).execute({"do": "answer_numbers"}).output
            self.assertEqual(output["big"], 12345678901234567890)
            self.assertIn(decimal.Decimal, map(type, output.values()))

    def test_what_is_no_json_is_refused_where_it_is_made(self):
        with start() as host:
            echo = host.load(name="echo")
            for wrong in ({"a": float("nan")}, {"a": object()}):
                with self.assertRaises((ValueError, TypeError)):
                    echo.execute(wrong)
            self.assertTrue(echo.execute().success)

    def test_a_message_that_is_too_long_is_not_sent(self):
        with start(args=["--max-message-bytes=2000"]) as host:
            echo = host.load(name="echo")
            with self.assertRaises(dlrpc_client.MessageTooLargeError) as raised:
                echo.execute({"text": "x" * 2000})
            self.assertIn("--max-message-bytes", raised.exception.hint)
            self.assertTrue(echo.execute({"text": "x"}).success)

    def test_a_crash_is_told_with_its_data(self):
        with start() as host:
            hostile = host.load(path("hostile"))
            with self.assertRaises(dlrpc_client.PluginCrashedError) as raised:
                hostile.execute({"do": "segv"})
            error = raised.exception
            self.assertEqual((error.kind, error.code), ("PLUGIN_CRASHED", -32021))
            self.assertEqual((error.data["signal"], error.data["stderrTail"]), ("SIGSEGV", "about to fall\n"))
            self.assertIsNotNone(error.hint)
            self.assertFalse(hostile.execute({"do": "answer_failure"}).success)

    def test_errors_are_told_by_kind(self):
        with start() as host:
            with self.assertRaises(dlrpc_client.PathNotFoundError):
                host.load(name="nobody-has-this")
            with self.assertRaises(dlrpc_client.InvalidParamsError) as raised:
                host.request("plugin/load", {"path": 7})
            self.assertEqual(raised.exception.data["issues"][0]["path"], "path")
            gone = host.load(name="echo")
            gone.unload()
            with self.assertRaises(dlrpc_client.UnknownHandleError):
                gone.execute()
            self.assertEqual(host.list(), [])

    def test_a_call_can_be_cancelled_and_has_a_deadline(self):
        with start() as host, host.load(path("hostile")) as hostile:
            begun = threading.Event()
            call = hostile.start({"do": "hang"}, on_progress=lambda _: begun.set())
            begun.wait()
            self.assertFalse(call.cancel())
            with self.assertRaises(dlrpc_client.RequestCancelledError):
                call.result()
            with self.assertRaises(dlrpc_client.PluginTimeoutError):
                hostile.execute({"do": "hang"}, timeout_ms=10)
            self.assertEqual(hostile.execute({"do": "count"}).output["count"], 1)

    def test_partial_results_are_iterated_over(self):
        with start() as host:
            stream = host.load(path("streaming")).stream({"do": "emit_numbers", "count": 1000})
            self.assertEqual([value["n"] for value in stream], list(range(1000)))
            self.assertTrue(stream.result().success)

    def test_leaving_partial_results_cancels_the_call(self):
        with start() as host:
            streaming = host.load(path("streaming"))
            stream = streaming.stream({"do": "emit_until_stopped"})
            for value in stream:
                break
            with self.assertRaises(dlrpc_client.RequestCancelledError):
                stream.result()
            with self.assertRaises(dlrpc_client.DlrpcError):
                list(streaming.stream({"do": 7}, timeout_ms=1, config={"a": 1}, cancel_grace_ms=-1))

    def test_what_python_cannot_read_costs_one_call(self):
        code = """
send({"id": 1, "result": READY})
for message in iter(receive, None):
    if message["method"] == "list":
        body = b'{"jsonrpc":"2.0","id":%d,"result":%s}' % (message["id"], b"[" * 100000 + b"]" * 100000)
        sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n%s" % (len(body), body))
        sys.stdout.flush()
    elif "id" in message: send({"id": message["id"], "result": {}})
"""
        with Dlrpc(**script(code)) as host:
            with self.assertRaises(dlrpc_client.UnreadableAnswerError) as raised:
                host.request("list")
            self.assertIn("--portable-json", raised.exception.hint)
            self.assertEqual(host.request("other"), {})

    def test_what_parse_float_refuses_costs_one_call(self):
        code = """
send({"id": 1, "result": READY})
for message in iter(receive, None):
    result = b"{}" if message["method"] == "shutdown" else message["method"].encode()
    body = b'{"jsonrpc":"2.0","id":%d,"result":%s}' % (message.get("id", 0), result)
    if "id" in message: os.write(1, b"Content-Length: %d\\r\\n\\r\\n%s" % (len(body), body))
"""
        with Dlrpc(**script(code), parse_float=decimal.Decimal) as host:
            self.assertEqual(host.request("2.50"), decimal.Decimal("2.50"))
            with self.assertRaises(dlrpc_client.UnreadableAnswerError):
                host.request("1e99999999999999999999")
            self.assertEqual(host.request("2.50"), decimal.Decimal("2.50"))

    def test_logs_are_told_and_what_a_callback_raises_is_reported(self):
        told, reported = [], []
        seen = threading.Event()

        def on_log(event):
            told.append(event)
            if event["stream"] == "stdout":
                seen.set()
            raise KeyError("from the callback")

        hook, sys.excepthook = sys.excepthook, lambda kind, *_: reported.append(kind)
        try:
            with start(on_log=on_log) as host:
                host.load(path("hostile")).execute({"do": "print"})
                seen.wait()
                self.assertTrue(host.load(name="echo").execute().success)
        finally:
            sys.excepthook = hook
        self.assertIn("printed to stdout\n", [event["text"] for event in told])
        self.assertEqual(set(reported), {KeyError})

    def test_many_threads_at_once(self):
        with start() as host:
            counter = host.load(name="counter")
            counts = []

            def call():
                counts.append(counter.execute().output["count"])

            threads = [threading.Thread(target=call) for _ in range(50)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(counts), list(range(1, 51)))

    def test_shutdown_ends_the_process(self):
        host = start().spawn()
        plugin = host.load(name="echo")
        self.assertEqual(host.shutdown(), (0, None, ""))
        with self.assertRaises(dlrpc_client.ConnectionLostError) as raised:
            plugin.execute()
        self.assertIs(raised.exception.data["sideEffectsUnknown"], False)
        with self.assertRaises(ProcessLookupError):
            os.kill(host.pid, 0)

    def test_dlrpc_itself_is_killed(self):
        with start() as host:
            hostile = host.load(path("hostile"))
            begun = threading.Event()
            calls = [hostile.start({"do": "hang"}, on_progress=lambda _: begun.set()), hostile.start({"do": "count"})]
            begun.wait()
            os.kill(host.pid, signal.SIGKILL)
            for call in calls:
                with self.assertRaises(dlrpc_client.ConnectionLostError) as raised:
                    call.result()
                data = raised.exception.data
                self.assertEqual((data["signal"], data["sideEffectsUnknown"]), ("SIGKILL", True))
            with self.assertRaises(dlrpc_client.ConnectionLostError):
                host.list()


    def test_by_a_signal_without_a_name(self):
        with start() as host:
            os.kill(host.pid, signal.SIGRTMIN + 1)
            with self.assertRaises(dlrpc_client.ConnectionLostError) as raised:
                host.list()
            self.assertRegex(raised.exception.data["signal"], r"^SIG")

    def test_while_it_does_not_read_leaves_nothing_behind(self):
        def descriptors():
            return len(os.listdir("/proc/self/fd"))

        before = descriptors()
        with start() as host:
            echo = host.load(name="echo")
            os.kill(host.pid, signal.SIGSTOP)
            calls = [echo.start({"text": "x" * 100000}) for _ in range(50)]
            host.kill()
            for call in calls:
                with self.assertRaises(dlrpc_client.ConnectionLostError):
                    call.result()
        self.assertEqual(descriptors(), before)

    def test_what_a_callback_exits_with_is_reported(self):
        reported = []
        hook, sys.excepthook = sys.excepthook, lambda kind, *_: reported.append(kind)
        try:
            with start() as host:
                echo = host.load(name="echo")
                self.assertTrue(echo.execute(on_progress=lambda _: sys.exit("from the callback")).success)
        finally:
            sys.excepthook = hook
        self.assertEqual(set(reported), {SystemExit})


HALF_HEADER = "os.write(1, b'Content-Length: 9\\n\\n')"
HUGE_HEADER = "os.write(1, b'Content-Length: 99999999999999\\r\\n\\r\\n')"


class NotDlrpc(unittest.TestCase):
    def refused(self, code, **options):
        with self.assertRaises(dlrpc_client.ConnectionLostError) as raised:
            Dlrpc(**{**script(code), **options}).spawn()
        return raised.exception

    def test_a_program_that_is_not_there(self):
        error = self.refused("", command="/nonexistent/dlrpc")
        self.assertIn("could not be started", error.message)
        self.assertIn("DLRPC_BIN", error.hint)

    def test_one_that_ends_at_once(self):
        error = self.refused("sys.exit('goodbye')")
        self.assertEqual((error.data["exitCode"], error.data["stderrTail"]), (1, "goodbye\n"))
        self.assertIn("goodbye", error.message)

    def test_one_that_never_answers(self):
        error = self.refused("hang()", start_timeout_s=0.2)
        self.assertRegex(error.message, r"^dlrpc did not answer `initialize` within 0\.2 s \(`start_timeout_s`\)")
        self.assertEqual(error.data["signal"], "SIGKILL")

    def test_garbage(self):
        for code in ("print('Hello!', flush=True)", "os.write(1, b'x' * 1000000)", HALF_HEADER, HUGE_HEADER):
            error = self.refused(code + "\nhang()")
            self.assertRegex(error.message, r"^dlrpc wrote .* where a message is due")
        unhashable = '{"method":"$/progress","params":{"token":[]}}'
        for body in ("7", "[]", "nul", '{"id":[]}', unhashable, '{"id":1,"error":{"code":"x"}}', '{"id":1,"error":7}'):
            code = f"os.write(1, b'Content-Length: {len(body)}\\r\\n\\r\\n' + {body.encode()!r})\nhang()"
            self.assertRegex(self.refused(code).message, r"^dlrpc wrote ")

    def test_another_program_and_another_version(self):
        answers = {
            '{"result": {**READY, "protocolVersion": 2}}': "speaks version 2 of the protocol, and this client version 1",
            '{"result": {"serverInfo": {"name": "gopls"}}}': "is another program: the name that it gives is 'gopls' (",
            '{"result": 7}': "is another program: ",
            '{"result": {**READY, "limits": None}}': "does not say how long a message may be",
            '{"error": {"code": -32601, "message": "Unknown"}}': "is another program: it refused `initialize` with 'Unkn",
            '{"error": {"code": -32602, "message": "", "data": {"supported": [2, 3]}}}': "speaks version 2, 3 of",
        }
        for answer, problem in answers.items():
            error = self.refused(f"send({{'id': 1, **{answer}}})\nhang()")
            self.assertTrue(error.message.startswith(f"dlrpc {problem}"), error.message)
            self.assertIn("release", error.hint)

    def test_one_that_dies_in_the_middle_of_a_message(self):
        code = "send({'id': 1, 'result': READY})\nsys.stdin.buffer.readline()\nsys.stdin.buffer.readline()\n"
        with self.assertRaises(dlrpc_client.ConnectionLostError) as raised:
            with Dlrpc(**script(code + "os.write(1, b'Content-Length: 100\\r\\n\\r\\n{')\nos._exit(3)")) as host:
                host.list()
        self.assertEqual(raised.exception.data["exitCode"], 3)

    def test_one_that_closes_its_pipes_and_lives_on(self):
        for closed in ("os.close(1)", "os.close(0); send({'id': 1, 'result': READY})"):
            with self.assertRaises(dlrpc_client.ConnectionLostError) as raised:
                with Dlrpc(**script(closed + "\nhang()")) as host:
                    host.list()
            self.assertEqual(raised.exception.data["signal"], "SIGKILL")


class Asyncio(unittest.IsolatedAsyncioTestCase):
    async def test_calls_of_tasks(self):
        async with start() as host:
            counter = await host.load(name="counter")
            results = await asyncio.gather(*(counter.execute() for _ in range(50)))
            self.assertEqual([result.output["count"] for result in results], list(range(1, 51)))
            await counter.reload()
            self.assertEqual(len(await host.list()), 1)
            await counter.unload()
            with self.assertRaises(dlrpc_client.UnknownHandleError):
                await counter.execute()

    async def test_cancelling_the_task_cancels_the_call(self):
        async with start() as host, await host.load(path("hostile")) as hostile:
            begun = asyncio.Event()
            task = asyncio.create_task(hostile.execute({"do": "hang"}, on_progress=lambda _: begun.set()))
            await begun.wait()
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertEqual((await hostile.execute({"do": "count"})).output["count"], 1)

    async def test_partial_results_are_iterated_over(self):
        async with start() as host:
            streaming = await host.load(path("streaming"))
            stream = streaming.stream({"do": "emit_numbers", "count": 100})
            self.assertEqual([value["n"] async for value in stream], list(range(100)))
            self.assertTrue((await stream.result()).success)
            left = streaming.stream({"do": "emit_until_stopped"})
            async for _ in left:
                break
            with self.assertRaises(dlrpc_client.RequestCancelledError):
                await left.result()

    async def test_logs_are_told_in_the_loop(self):
        told = asyncio.Queue()
        async with start(on_log=told.put_nowait) as host:
            await (await host.load(path("hostile"))).execute({"do": "print"})
            while (await told.get())["stream"] != "stdout":
                pass

    async def test_dlrpc_itself_is_killed(self):
        async with start() as host:
            hostile = await host.load(path("hostile"))
            begun = asyncio.Event()
            call = asyncio.create_task(hostile.execute({"do": "hang"}, on_progress=lambda _: begun.set()))
            await begun.wait()
            await host.kill()
            with self.assertRaises(dlrpc_client.ConnectionLostError) as raised:
                await call
            self.assertIs(raised.exception.data["sideEffectsUnknown"], True)

    async def test_a_start_is_late_or_cancelled(self):
        with self.assertRaises(dlrpc_client.ConnectionLostError):
            await Dlrpc(**script("hang()"), start_timeout_s=0.2).spawn_async()
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(Dlrpc(**script("hang()")).spawn_async(), 0.2)


if __name__ == "__main__":
    unittest.main()
