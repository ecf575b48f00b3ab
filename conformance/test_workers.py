"""Models in worker processes (parameter worker_process) under a real server, with tritonclient."""
import os
import pathlib
import re
import shutil
import signal
import urllib.request

import numpy as np
import pytest
import tritonclient.grpc as grpcclient

from conftest import EXAMPLES, Server, wait_until

APART = 'parameters { key: "worker_process" value { string_value: "true" } }\n'
MEMORY = pathlib.Path("/dev/shm")

pytestmark = pytest.mark.skipif(not pathlib.Path("/proc/self/stat").exists(), reason="looks at processes in /proc")


@pytest.fixture
def server(tmp_path):
    shutil.copytree(EXAMPLES / "models" / "mlp", tmp_path / "models" / "mlp")
    with open(tmp_path / "models" / "mlp" / "config.pbtxt", "a") as config:
        config.write(APART)
    server = Server(tmp_path / "models")
    yield server
    server.kill()


def children(pid):
    return [int(stat.parent.name) for stat in pathlib.Path("/proc").glob("[0-9]*/stat") if parent(stat) == pid]


def parent(stat):
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def is_gone(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def meetings():
    return list(MEMORY.glob("etalon-worker*"))


def metric(server, name):
    page = urllib.request.urlopen(server.metrics).read().decode()
    found = re.search(rf"^{name}{{[^}}]*}} (\S+)$", page, re.M)
    return float(found.group(1)) if found else None


def test_a_killed_worker_costs_no_answer_and_is_seen_in_the_metrics(server):
    client = grpcclient.InferenceServerClient(server.grpc)
    x = np.load(EXAMPLES / "models" / "mlp" / "reference" / "input.npy")[:8]
    y = np.load(next((EXAMPLES / "models" / "mlp" / "reference").glob("output*.npy")))[:8]
    tensor = grpcclient.InferInput("x", list(x.shape), "FP32")
    tensor.set_data_from_numpy(x)
    (worker,) = children(server.process.pid)
    for i in range(300):
        if i == 100:
            os.kill(worker, signal.SIGKILL)
        np.testing.assert_allclose(client.infer("mlp", [tensor]).as_numpy("y"), y, atol=1e-4)
    assert metric(server, "etalon_worker_up") == 1
    assert metric(server, "etalon_worker_starts_total") == 2
    assert metric(server, "etalon_worker_resident_bytes") > 1e7
    assert children(server.process.pid) != [worker]
    client.close()


def test_nothing_is_left_of_a_server_that_is_killed(server):
    before = meetings()
    workers = children(server.process.pid)
    assert workers
    server.kill()
    wait_until(lambda: all(is_gone(worker) for worker in workers))
    assert set(meetings()) <= set(before)


def test_a_server_that_ends_takes_its_workers_along(server):
    before = meetings()
    workers = children(server.process.pid)
    assert server.stop() in (0, 143, -15), "".join(server.log)
    assert all(is_gone(worker) for worker in workers)
    assert set(meetings()) <= set(before)
