"""Models come and go, servers are killed and stopped, and nobody's request is lost."""
import os
import shutil
import subprocess
import threading
import time

import numpy as np
import pytest
import tritonclient.grpc as grpcclient
from tritonclient.utils import InferenceServerException

from conftest import ETALON, EXAMPLES, etalon, wait_until


def copy_model(name, repository, versions):
    target = repository / name
    target.mkdir(parents=True)
    source = EXAMPLES / "models" / name
    shutil.copy(source / "config.pbtxt", target)
    for version in versions:
        shutil.copytree(source / str(version), target / str(version))
    return target


class Load:
    """Keeps requests in flight and keeps what came back."""

    def __init__(self, address, model, input_name, x, in_flight):
        self.client = grpcclient.InferenceServerClient(address)
        self.model, self.input_name, self.x = model, input_name, x
        self.slots = threading.Semaphore(in_flight)
        self.errors, self.versions, self.sent, self.answered = [], {}, 0, 0
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.in_flight = in_flight
        self.thread.start()

    def _run(self):
        while not self.stopping.is_set():
            self.slots.acquire()
            tensor = grpcclient.InferInput(self.input_name, list(self.x.shape), "FP32")
            tensor.set_data_from_numpy(self.x)
            self.sent += 1
            self.client.async_infer(self.model, [tensor], self._answered)

    def _answered(self, result, error):
        with self.lock:
            self.answered += 1
            if error is not None:
                self.errors.append(str(error))
            else:
                version = result.get_response().model_version
                self.versions[version] = self.versions.get(version, 0) + 1
        self.slots.release()

    def stop(self):
        self.stopping.set()
        self.thread.join(60)
        for _ in range(self.in_flight):
            assert self.slots.acquire(timeout=60), "a request was never answered"


def test_replacing_a_version_under_load_loses_no_request(serve, tmp_path):
    model = copy_model("bbh", tmp_path, [1])
    (model / "config.pbtxt").write_text((model / "config.pbtxt").read_text().replace("all { }", "latest { num_versions: 1 }"))
    server = serve(tmp_path, "--model-control-mode", "poll", "--repository-poll-secs", "1")
    load = Load(server.grpc, "bbh", "strain", np.load(EXAMPLES / "models/bbh/reference/input.npy")[:1], 64)
    try:
        wait_until(lambda: load.versions.get("1", 0) > 200)
        shutil.copytree(EXAMPLES / "models/bbh/2", model / "2")
        wait_until(lambda: load.versions.get("2", 0) > 200, 60)
        shutil.rmtree(model / "2")
        seen = load.versions["1"]
        wait_until(lambda: load.versions["1"] > seen + 200, 60)
    finally:
        load.stop()
    assert load.errors == [] and load.sent == load.answered == sum(load.versions.values())


def test_a_broken_new_version_leaves_the_old_one_serving(serve, tmp_path):
    model = copy_model("bbh", tmp_path, [1])
    server = serve(tmp_path, "--model-control-mode", "explicit", "--load-model", "bbh")
    client = grpcclient.InferenceServerClient(server.grpc)
    (model / "2").mkdir()
    whole = (EXAMPLES / "models/bbh/2/model.onnx").read_bytes()
    (model / "2/model.onnx").write_bytes(whole[:len(whole) // 2])
    with pytest.raises(InferenceServerException) as error:
        client.load_model("bbh")
    assert "bbh" in str(error.value) and "version 2" in str(error.value)
    assert client.is_model_ready("bbh", "1")
    (model / "2/model.onnx").write_bytes(whole)
    client.load_model("bbh")
    assert client.is_model_ready("bbh", "2")
    client.unload_model("bbh")
    wait_until(lambda: not client.is_model_ready("bbh"))


def test_sigterm_answers_what_is_in_flight(serve):
    server = serve(EXAMPLES / "models")
    load = Load(server.grpc, "bbh", "strain", np.zeros((8, 2, 2048), np.float32), 32)
    wait_until(lambda: load.answered > 50)
    load.stopping.set()
    load.thread.join()
    started = time.monotonic()
    assert server.stop() in (0, 143, -15)
    assert time.monotonic() - started < 35
    load.stop()
    assert load.errors == []


def test_infer_survives_the_death_of_its_server(serve, tmp_path):
    rows = 200_000
    x = np.random.default_rng(7).standard_normal((rows, 64), dtype=np.float32)
    np.save(tmp_path / "x.npy", x)
    server = serve(EXAMPLES / "models")
    job = subprocess.Popen([ETALON, "infer", "--model", "mlp", "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy", "--url", f"grpc://{server.grpc}"],
                           stderr=subprocess.PIPE, text=True)
    wait_until(lambda: any(name.startswith(".y.npy") for name in os.listdir(tmp_path)) or job.poll() is not None)
    time.sleep(0.5)
    assert job.poll() is None, "the job was over before its server was killed: " + job.stderr.read()
    server.kill()
    time.sleep(3)
    serve(EXAMPLES / "models", ports=server.ports)
    assert job.wait(120) == 0, job.stderr.read()
    etalon("infer", "--model", "mlp", "--input", tmp_path / "x.npy", "--output", tmp_path / "embedded.npy", "--model-repository", EXAMPLES / "models")
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), np.load(tmp_path / "embedded.npy"), atol=1e-6, rtol=0)
    assert len(np.load(tmp_path / "y.npy")) == rows
    assert sorted(os.listdir(tmp_path)) == ["embedded.npy", "x.npy", "y.npy"]


def test_a_typo_in_a_configuration_is_named_with_its_line(tmp_path):
    model = copy_model("mlp", tmp_path, [1])
    (model / "config.pbtxt").write_text('name: "mlp"\nmax_batchsize: 8\ninput [ { name: "x" data_type: TYPE_FP31 dims: [ 64 ] } ]\n')
    done = etalon("models", "validate", tmp_path, check=False)
    assert done.returncode == 1
    assert "config.pbtxt:2" in done.stdout and "max_batch_size" in done.stdout and "config.pbtxt:3" in done.stdout and "TYPE_FP32" in done.stdout


def test_wrong_usage_and_missing_things_end_with_one_line(tmp_path):
    assert etalon("infer", check=False).returncode == 2
    assert etalon("serve", "--nonsense", "--model-repository", tmp_path, check=False).returncode == 2
    done = etalon("infer", "--model", "nobody", "--input", "x.npy", "--output", "y.npy", "--model-repository", EXAMPLES / "models", check=False, cwd=tmp_path)
    assert done.returncode == 1 and "nobody" in done.stderr
    done = etalon("serve", "--model-repository", tmp_path / "nowhere", check=False)
    assert done.returncode == 1 and "nowhere" in done.stderr
    assert list(tmp_path.iterdir()) == []
