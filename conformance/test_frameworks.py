"""One ensemble over ONNX Runtime, PyTorch and TensorFlow (examples/frameworks), with tritonclient."""
import json

import numpy as np
import pytest
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient

from conftest import EXAMPLES, Server, etalon

MODULES = {"grpc": grpcclient, "http": httpclient}
FRAMEWORKS = {"single": "onnxruntime", "single_torch": "pytorch", "coincidence_tf": "tensorflow"}


def needs_libraries(*backends):
    """Fetching hundreds of megabytes is not a check's business."""
    installed = {entry["backend"]: entry["libraries"] for entry in json.loads(etalon("backends", "list", "--json").stdout)}
    missing = [name for name in backends if installed[name].startswith(("not installed", "none"))]
    if missing:
        pytest.skip(f"needs the libraries of {missing}: etalon backends install {' '.join(missing)}")


@pytest.fixture(scope="module")
def server():
    needs_libraries("pytorch", "tensorflow")
    server = Server(EXAMPLES / "frameworks", "--maven-repository", "none")
    yield server
    assert server.stop() in (0, 143, -15), "".join(server.log)


def ask(module, client, model, **tensors):
    inputs = []
    for name, values in tensors.items():
        inputs.append(module.InferInput(name, list(values.shape), "FP32"))
        inputs[-1].set_data_from_numpy(values)
    return client.infer(model, inputs)


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_gives_what_one_framework_gives(server, protocol):
    module = MODULES[protocol]
    client = module.InferenceServerClient(getattr(server, protocol))
    folder = EXAMPLES / "frameworks" / "coherent_mixed" / "reference"
    h1, l1, expected = (np.load(folder / f"{name}.npy") for name in ("input_strain_h1", "input_strain_l1", "output_v1"))
    got = ask(module, client, "coherent_mixed", strain_h1=h1, strain_l1=l1).as_numpy("score")
    np.testing.assert_allclose(got, expected, atol=1e-4, rtol=0)
    for row in range(3):
        alone = ask(module, client, "coherent_mixed", strain_h1=h1[row:row + 1], strain_l1=l1[row:row + 1])
        np.testing.assert_allclose(alone.as_numpy("score"), expected[row:row + 1], atol=1e-4, rtol=0)
    client.close()


def test_gives_what_its_members_give_one_behind_the_other(server):
    client = httpclient.InferenceServerClient(server.http)
    rng = np.random.default_rng(5)
    h1, l1 = (rng.standard_normal((8, 1, 2048)).astype(np.float32) for _ in range(2))
    score_h1 = ask(httpclient, client, "single", strain=h1).as_numpy("score")
    score_l1 = ask(httpclient, client, "single_torch", INPUT__0=l1).as_numpy("OUTPUT__0")
    members = ask(httpclient, client, "coincidence_tf", score_h1=score_h1, score_l1=score_l1).as_numpy("score")
    whole = ask(httpclient, client, "coherent_mixed", strain_h1=h1, strain_l1=l1).as_numpy("score")
    np.testing.assert_allclose(whole, members, atol=1e-5, rtol=0)
    client.close()


def test_each_member_says_which_framework_runs_it(server):
    client = httpclient.InferenceServerClient(server.http)
    assert {model: client.get_model_config(model)["backend"] for model in FRAMEWORKS} == FRAMEWORKS
    client.close()
