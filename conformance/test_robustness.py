"""Clients that do nothing, or everything by halves, keep nobody else from being served."""
import contextlib
import resource
import socket
import struct

import grpc
import numpy as np
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient

from conftest import EXAMPLES

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
HEAD = b"POST /v2/models/mlp/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n"


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def everybody_else_is_served(server):
    for module, address in ((grpcclient, server.grpc), (httpclient, server.http)):
        client = module.InferenceServerClient(address)
        for _ in range(20):
            tensor = module.InferInput("x", [1, 64], "FP32")
            tensor.set_data_from_numpy(np.zeros((1, 64), np.float32))
            assert client.infer("mlp", [tensor]).as_numpy("y").shape == (1, 1)
        client.close()


def start(serve):
    return serve(EXAMPLES / "models", "--model-control-mode", "explicit", "--load-model", "mlp")


def test_ten_thousand_idle_connections_keep_nobody_out(serve):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(10_000, hard - 500) // 2  # of each protocol; the server has the same limit
    try:
        server = start(serve)
        with contextlib.ExitStack() as held:
            for _ in range(count):
                held.enter_context(connect(server.http_port))
                held.enter_context(connect(server.grpc_port)).sendall(PREFACE)
            everybody_else_is_served(server)
        everybody_else_is_served(server)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_slow_writers_and_aborted_uploads_keep_nobody_out(serve):
    server = start(serve)
    with contextlib.ExitStack() as held:
        for cut in range(1, 200):
            held.enter_context(connect(server.http_port)).sendall(HEAD[:cut % len(HEAD) + 1])  # heads that never end
            held.enter_context(connect(server.http_port)).sendall(HEAD + b"\r\n" + b"{" * cut)  # bodies that never end
            held.enter_context(connect(server.grpc_port)).sendall((PREFACE + b"\0\1\0\1\4\0\0\0\1")[:cut % 42 + 1])  # frames that never end
        everybody_else_is_served(server)
        for _ in range(100):
            gone = connect(server.http_port)
            gone.sendall(HEAD + b"\r\n{")
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # ends by a reset
            gone.close()
        everybody_else_is_served(server)


def test_clients_that_do_not_read_keep_nobody_out(serve):
    server = start(serve)
    ask = b"GET /v2/models/mlp/config HTTP/1.1\r\nHost: x\r\n\r\n"
    with contextlib.ExitStack() as held:
        for _ in range(50):
            deaf = held.enter_context(connect(server.http_port))
            deaf.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                for _ in range(1000):
                    deaf.send(ask * 100)
        everybody_else_is_served(server)
    with grpc.insecure_channel(server.grpc) as channel:
        assert channel.unary_unary("/inference.GRPCInferenceService/ServerLive")(b"", timeout=20) == b"\x08\x01"
