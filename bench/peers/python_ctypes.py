"""A native plugin behind ctypes, JSON-RPC with the json of the standard library, in one process.

python_ctypes.py LIBRARY
"""

import ctypes
import json
import sys

library = ctypes.CDLL(sys.argv[1])
library.vtcode_plugin_execute.argtypes = [ctypes.c_char_p]
library.vtcode_plugin_execute.restype = ctypes.c_void_p
library.vtcode_plugin_free_string.argtypes = [ctypes.c_void_p]


def execute(params):
    context = {"input": params["input"], "workspace_root": None, "config": {}}
    text = json.dumps(context, separators=(",", ":"), ensure_ascii=False)
    answer = library.vtcode_plugin_execute(text.encode())
    try:
        return json.loads(ctypes.string_at(answer))
    finally:
        library.vtcode_plugin_free_string(answer)


methods = {"plugin/load": lambda params: {"handle": "peer"}, "plugin/execute": execute}

requests, responses = sys.stdin.buffer, sys.stdout.buffer
while header := requests.readline():
    requests.readline()
    request = json.loads(requests.read(int(header.split(b":")[1])))
    result = methods[request["method"]](request["params"])
    response = {"jsonrpc": "2.0", "id": request["id"], "result": result}
    body = json.dumps(response, separators=(",", ":"), ensure_ascii=False).encode()
    responses.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    responses.flush()
