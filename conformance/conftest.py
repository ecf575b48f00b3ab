"""Starts and stops real servers for the checks."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
ETALON = str(ROOT / "etalon")
EXAMPLES = ROOT / "examples"
SHARED = ROOT.parent / "shared"


def needs_shared(path):
    """A path below ../shared, or a skip that says why."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"needs ../shared/{path}, which is not part of the project")
    return found


def etalon(*arguments, timeout=300, check=True, **options):
    """Runs a command to its end."""
    done = subprocess.run([ETALON, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"etalon {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stderr}")
    return done


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Server:
    """A running `etalon serve`."""

    def __init__(self, repository, *options, ports=None):
        self.http_port, self.grpc_port, self.metrics_port = ports or free_ports(3)
        self.http, self.grpc = f"127.0.0.1:{self.http_port}", f"127.0.0.1:{self.grpc_port}"
        self.metrics = f"http://127.0.0.1:{self.metrics_port}/metrics"
        self.process = subprocess.Popen(
            [ETALON, "serve", "--model-repository", str(repository), "--http-port", str(self.http_port), "--grpc-port",
             str(self.grpc_port), "--metrics-port", str(self.metrics_port), *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.log = []
        self.ready = threading.Event()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        if not self.ready.wait(60) or self.process.poll() is not None:
            self.kill()
            raise AssertionError("the server did not get ready:\n" + "".join(self.log))

    def _read(self):
        for line in self.process.stderr:
            self.log.append(line)
            if re.search(r"\bready: ", line):
                self.ready.set()
        self.ready.set()

    @property
    def ports(self):
        return self.http_port, self.grpc_port, self.metrics_port

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, timeout=40):
        """SIGTERM; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)


@pytest.fixture
def serve():
    """Starts servers that end with the test."""
    servers = []

    def start(*arguments, **options):
        servers.append(Server(*arguments, **options))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.kill()


@pytest.fixture(scope="session")
def examples_server():
    """One server of examples/models for all checks that change nothing."""
    server = Server(EXAMPLES / "models")
    yield server
    assert server.stop() in (0, 143, -15), "".join(server.log)


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("did not happen within %d s" % seconds)


assert os.access(ETALON, os.X_OK)
