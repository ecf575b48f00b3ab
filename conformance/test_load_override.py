"""Loading a model from what the client sends (specification section 6), with tritonclient."""
import json

import numpy as np
import pytest
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from tritonclient.utils import InferenceServerException

from conftest import EXAMPLES, Server

MLP = EXAMPLES / "models" / "mlp"
MODULES = {"grpc": grpcclient, "http": httpclient}


@pytest.fixture(scope="module")
def server():
    made = Server(EXAMPLES / "models", "--model-control-mode", "explicit", "--load-model", "mlp")
    yield made
    made.stop()


@pytest.fixture(params=["grpc", "http"])
def client(request, server):
    module = MODULES[request.param]
    made = module.InferenceServerClient(getattr(server, request.param))
    made.load_model("mlp")
    yield module, made
    made.close()


def batch_limit(module, client, model):
    config = client.get_model_config(model)
    return config["max_batch_size"] if module is httpclient else config.config.max_batch_size


def infer(module, client, model, rows=2):
    x = np.load(MLP / "reference" / "input.npy")[:rows]
    tensor = module.InferInput("x", list(x.shape), "FP32")
    tensor.set_data_from_numpy(x)
    return client.infer(model, [tensor]).as_numpy("y"), np.load(MLP / "reference" / "output_v1.npy")[:rows]


def test_a_configuration_holds_until_the_next_plain_load(client):
    module, made = client
    before = batch_limit(module, made, "mlp")
    made.load_model("mlp", config=json.dumps({"backend": "onnxruntime", "max_batch_size": "3"}))
    assert batch_limit(module, made, "mlp") == 3
    with pytest.raises(InferenceServerException, match="batch-size must be <= 3"):
        infer(module, made, "mlp", rows=4)
    made.load_model("mlp")
    assert batch_limit(module, made, "mlp") == before


def test_files_make_a_model_that_the_repository_does_not_have(client):
    module, made = client
    made.load_model("sent", config=json.dumps({"backend": "onnxruntime", "max_batch_size": 8}),
                    files={"file:1/model.onnx": (MLP / "1" / "model.onnx").read_bytes()})
    got, expected = infer(module, made, "sent")
    np.testing.assert_allclose(got, expected, atol=1e-4)
    made.unload_model("sent")


def test_a_bad_override_leaves_the_old_version_serving(client):
    module, made = client
    with pytest.raises(InferenceServerException, match="failed to load 'mlp'|load failed for model 'mlp'"):
        made.load_model("mlp", config=json.dumps({"backend": "onnxruntime", "max_batch_size": 8}), files={"file:1/model.onnx": b"rubbish"})
    with pytest.raises(InferenceServerException, match="failed to load 'mlp'"):
        made.load_model("mlp", config='{"max_batch_sise": 8}')
    with pytest.raises(InferenceServerException, match="leads out of the model's folder"):
        made.load_model("mlp", config="{}", files={"file:../../escape": b"x"})
    got, expected = infer(module, made, "mlp")
    np.testing.assert_allclose(got, expected, atol=1e-4)


def test_files_need_a_configuration(client):
    module, made = client
    with pytest.raises(InferenceServerException, match="Load parameter 'config' must be specified for model file override"):
        made.load_model("mlp", files={"file:1/model.onnx": b"x"})
