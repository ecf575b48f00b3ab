"""Tensors that a model sees otherwise than its clients (reshape, ragged, optional, shape tensors), over both protocols."""
import concurrent.futures
import shutil
import threading

import numpy as np
import pytest
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from tritonclient.utils import InferenceServerException

from conftest import ROOT, Server

FILES = ROOT / "backends" / "onnx" / "src" / "test" / "resources" / "org" / "etalon" / "backends" / "onnx"
MODULES = {"grpc": grpcclient, "http": httpclient}
BATCHING = "max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 2000 }"

MODELS = {
    "reshaped": ("swap_bytes", """
        input { name: 'a' data_type: TYPE_STRING dims: [2, 1] reshape { shape: [2] } }
        input { name: 'b' data_type: TYPE_STRING dims: [1] }
        output { name: 'y' data_type: TYPE_STRING dims: [1, 3, 1] reshape { shape: [3] } }"""),
    "scalar": ("flat", """
        input { name: 'x' data_type: TYPE_FP32 dims: [1] reshape { shape: [] } }
        output { name: 'y' data_type: TYPE_FP32 dims: [1] reshape { shape: [] } }"""),
    "ragged": ("ragged", """
        input { name: 'x' data_type: TYPE_FP32 dims: [-1] allow_ragged_batch: true }
        output { name: 'twice' data_type: TYPE_FP32 dims: [-1] }
        output { name: 'count' data_type: TYPE_FP32 dims: [1] }
        batch_input { kind: BATCH_ELEMENT_COUNT target_name: 'counts' data_type: TYPE_INT32 source_input: 'x' }
        batch_output { target_name: 'twice' kind: BATCH_SCATTER_WITH_INPUT_SHAPE source_input: 'x' }"""),
    "shaped": ("shape_tensor", """
        input { name: 'x' data_type: TYPE_FP32 dims: [6] }
        input { name: 'shape' data_type: TYPE_INT64 dims: [2] is_shape_tensor: true }
        output { name: 'y' data_type: TYPE_FP32 dims: [-1, -1] }"""),
    "optional": ("defaulted", """
        input { name: 'x' data_type: TYPE_FP32 dims: [2] }
        input { name: 'bias' data_type: TYPE_FP32 dims: [2] optional: true }
        output { name: 'y' data_type: TYPE_FP32 dims: [2] }"""),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    repository = tmp_path_factory.mktemp("tensors")
    for name, (file, tensors) in MODELS.items():
        version = repository / name / "1"
        version.mkdir(parents=True)
        shutil.copy(FILES / (file + ".onnx"), version / "model.onnx")
        (version.parent / "config.pbtxt").write_text(f"backend: 'onnxruntime' {BATCHING} {tensors}")
    made = Server(repository)
    yield made
    made.stop()


@pytest.fixture(params=["grpc", "http", "json"])
def infer(request, server):
    """Asks a model; `json` sends and asks for numbers and texts as such."""
    binary = request.param != "json"
    module = MODULES["http" if request.param == "json" else request.param]
    address = getattr(server, "http" if module is httpclient else "grpc")
    clients = threading.local()  # the HTTP client serves the thread that made it

    def client():
        if not hasattr(clients, "made"):
            clients.made = module.InferenceServerClient(address)
        return clients.made

    def ask(model, **arrays):
        inputs, options = [], {}
        for name, array in arrays.items():
            kind = {"f": "FP32", "i": "INT64", "O": "BYTES"}[array.dtype.kind]
            tensor = module.InferInput(name, list(array.shape), kind)
            tensor.set_data_from_numpy(array, **({} if module is grpcclient else {"binary_data": binary}))
            inputs.append(tensor)
        if not binary:
            metadata = client().get_model_metadata(model)
            options["outputs"] = [module.InferRequestedOutput(o["name"], binary_data=False) for o in metadata["outputs"]]
        return client().infer(model, inputs, **options)

    return ask


def texts(*values):
    return np.array([value.encode() for value in values], dtype=np.object_)


def plain(array):
    """Texts alike, whether they came as bytes or from JSON."""
    return [value.decode() if isinstance(value, bytes) else value for value in array.reshape(-1)]


def test_reshapes_texts_on_the_way_in_and_out(infer):
    got = infer("reshaped", a=texts("one", "two", "", "longer").reshape(2, 2, 1), b=texts("b", "c").reshape(2, 1))
    y = got.as_numpy("y")
    assert y.shape == (2, 1, 3, 1)
    assert plain(y) == ["b", "one", "two", "c", "", "longer"]


def test_reshapes_rows_of_one_to_scalars(infer):
    y = infer("scalar", x=np.array([[1.0], [2.0], [3.0]], np.float32)).as_numpy("y")
    np.testing.assert_array_equal(y, [[-1], [-2], [-3]])


def test_ragged_requests_of_one_batch_get_their_own(infer):
    def one(length):
        x = np.arange(length, dtype=np.float32).reshape(1, length)
        got = infer("ragged", x=x)
        np.testing.assert_array_equal(got.as_numpy("twice"), 2 * x)
        np.testing.assert_array_equal(got.as_numpy("count"), [[length]])

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(one, [1 + i % 7 for i in range(64)]))


def test_shape_tensors_say_the_shape_of_each_request(infer):
    x = np.arange(12, dtype=np.float32).reshape(2, 6)
    y = infer("shaped", x=x, shape=np.array([2, 2, 3], np.int64)).as_numpy("y")
    np.testing.assert_array_equal(y, x.reshape(2, 2, 3))
    with pytest.raises(InferenceServerException, match="input 'shape' batch size does not match other inputs for 'shaped'"):
        infer("shaped", x=x, shape=np.array([1, 2, 3], np.int64))
    with pytest.raises(InferenceServerException, match=r"unexpected shape for input 'shape' for model 'shaped'. Expected \[3\], got \[2\]"):
        infer("shaped", x=x, shape=np.array([2, 6], np.int64))


def test_an_optional_input_has_the_default_of_the_file(infer):
    x = np.array([[1, 2]], np.float32)
    np.testing.assert_array_equal(infer("optional", x=x).as_numpy("y"), [[11, 22]])
    np.testing.assert_array_equal(infer("optional", x=x, bias=x).as_numpy("y"), [[2, 4]])
    with pytest.raises(InferenceServerException, match="expected number of inputs between 1 and 2 but got 1 inputs for model 'optional'. "
                       r"Got input\(s\) \['bias'\], but missing required input\(s\) \['x'\]"):
        infer("optional", bias=x)


def test_wrong_extents_are_told_as_clients_see_them(infer):
    with pytest.raises(InferenceServerException, match=r"unexpected shape for input 'a' for model 'reshaped'. Expected \[-1,2,1\], got \[1,2\]"):
        infer("reshaped", a=texts("x", "y").reshape(1, 2), b=texts("b").reshape(1, 1))
