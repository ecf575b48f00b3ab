"""Models in Python (model.py) with tritonclient; this interpreter runs them, which has numpy."""
import shutil
import sys
import threading

import numpy as np
import pytest
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from tritonclient.utils import InferenceServerException

from conftest import EXAMPLES, Server

MODULES = {"grpc": grpcclient, "http": httpclient}
ASKS = '''
import numpy as np
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    """The mlp's answer, and which of the rows it found above the median."""

    def execute(self, requests):
        responses = []
        for request in requests:
            x = pb_utils.get_input_tensor_by_name(request, "x")
            answer = pb_utils.InferenceRequest(model_name="mlp", requested_output_names=["y"], inputs=[x]).exec()
            if answer.has_error():
                responses.append(pb_utils.InferenceResponse(error=answer.error()))
                continue
            y = pb_utils.get_output_tensor_by_name(answer, "y").as_numpy()
            words = np.array([[b"above" if value > np.median(y) else "not above"] for value in y.ravel()], dtype=object)
            responses.append(pb_utils.InferenceResponse([pb_utils.Tensor("y", y), pb_utils.Tensor("word", words)]))
        return responses
'''
ASKS_CONFIG = '''
backend: "python"
max_batch_size: 32
input { name: "x" data_type: TYPE_FP32 dims: [ 64 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 1 ] }
output { name: "word" data_type: TYPE_STRING dims: [ 1 ] }
instance_group { count: 2 }
'''


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(EXAMPLES / "python" / "excess_power", folder / "excess_power")
    shutil.copytree(EXAMPLES / "models" / "mlp", folder / "mlp")
    (folder / "asks" / "1").mkdir(parents=True)
    (folder / "asks" / "1" / "model.py").write_text(ASKS)
    (folder / "asks" / "config.pbtxt").write_text(ASKS_CONFIG)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ETALON_PYTHON", sys.executable)
        server = Server(folder)
    yield server
    assert server.stop() in (0, 143, -15), "".join(server.log)


def ask(module, client, model, **tensors):
    inputs = []
    for name, values in tensors.items():
        inputs.append(module.InferInput(name, list(values.shape), "FP32"))
        inputs[-1].set_data_from_numpy(values)
    return client.infer(model, inputs)


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_gives_what_numpy_gives(server, protocol):
    client = MODULES[protocol].InferenceServerClient(getattr(server, protocol))
    folder = EXAMPLES / "python" / "excess_power" / "reference"
    strain, expected = np.load(folder / "input.npy"), np.load(folder / "output_v1.npy")
    got = ask(MODULES[protocol], client, "excess_power", strain=strain).as_numpy("power")
    np.testing.assert_allclose(got, expected, rtol=1e-4)
    with pytest.raises(InferenceServerException, match="4 samples have no frequency in 30.0 to 300.0 Hz"):
        ask(MODULES[protocol], client, "excess_power", strain=strain[:, :, :4].copy())
    client.close()


def test_requests_from_many_clients_get_their_own_answers(server):
    wrong = []

    def work(seed):
        client = grpcclient.InferenceServerClient(server.grpc)
        strain = np.random.default_rng(seed).standard_normal((1 + seed % 3, 1, 2048)).astype(np.float32)
        first = ask(grpcclient, client, "excess_power", strain=strain).as_numpy("power")
        for _ in range(20):
            if not np.allclose(ask(grpcclient, client, "excess_power", strain=strain).as_numpy("power"), first, rtol=1e-5):
                wrong.append(seed)
        client.close()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_asks_another_model(server):
    client = httpclient.InferenceServerClient(server.http)
    x = np.random.default_rng(3).standard_normal((9, 64)).astype(np.float32)
    got = ask(httpclient, client, "asks", x=x)
    y = ask(httpclient, client, "mlp", x=x).as_numpy("y")
    np.testing.assert_allclose(got.as_numpy("y"), y, atol=1e-6)
    assert (got.as_numpy("word") == b"above").sum() == 4
    client.close()
