"""tritonclient's gRPC, HTTP and asyncio clients against a server of the example models."""
import asyncio
import json
import queue
import urllib.error
import urllib.request

import numpy as np
import pytest
import tritonclient.grpc as grpcclient
import tritonclient.grpc.aio as grpcaio
import tritonclient.http as httpclient
import tritonclient.http.aio as httpaio
from tritonclient.utils import InferenceServerException

from conftest import EXAMPLES

MODELS = EXAMPLES / "models"
CASES = [("mlp", "x", "y", 1), ("bbh", "strain", "score", 1), ("bbh", "strain", "score", 2)]


def reference(model, version):
    folder = MODELS / model / "reference"
    return np.load(folder / "input.npy"), np.load(folder / f"output_v{version}.npy")


def chunks(x):
    return [x[i:i + 8] for i in range(0, len(x), 8)]


def build(module, name, x, **options):
    tensor = module.InferInput(name, list(x.shape), "FP32")
    tensor.set_data_from_numpy(x, **options)
    return [tensor]


@pytest.mark.parametrize("model,input_name,output_name,version", CASES)
def test_grpc_gives_the_reference_outputs(examples_server, model, input_name, output_name, version):
    x, y = reference(model, version)
    client = grpcclient.InferenceServerClient(examples_server.grpc)
    got = [client.infer(model, build(grpcclient, input_name, c), model_version=str(version)).as_numpy(output_name) for c in chunks(x)]
    np.testing.assert_allclose(np.concatenate(got), y, atol=1e-4, rtol=0)


@pytest.mark.parametrize("binary_in,binary_out", [(True, True), (True, False), (False, True), (False, False)])
@pytest.mark.parametrize("model,input_name,output_name,version", CASES)
def test_http_gives_the_reference_outputs(examples_server, model, input_name, output_name, version, binary_in, binary_out):
    x, y = reference(model, version)
    if not binary_in:
        x, y = x[:8], y[:8]
    client = httpclient.InferenceServerClient(examples_server.http)
    outputs = [httpclient.InferRequestedOutput(output_name, binary_data=binary_out)]
    got = [client.infer(model, build(httpclient, input_name, c, binary_data=binary_in), model_version=str(version), outputs=outputs).as_numpy(output_name)
           for c in chunks(x)]
    np.testing.assert_allclose(np.concatenate(got), y, atol=1e-4, rtol=0)


def test_asyncio_clients_give_the_reference_outputs(examples_server):
    async def run():
        for model, input_name, output_name, version in CASES:
            x, y = reference(model, version)
            async with grpcaio.InferenceServerClient(examples_server.grpc) as client:
                got = await asyncio.gather(*[client.infer(model, build(grpcclient, input_name, c), model_version=str(version)) for c in chunks(x)])
                np.testing.assert_allclose(np.concatenate([g.as_numpy(output_name) for g in got]), y, atol=1e-4, rtol=0)
            async with httpaio.InferenceServerClient(examples_server.http) as client:
                got = await asyncio.gather(*[client.infer(model, build(httpclient, input_name, c), model_version=str(version)) for c in chunks(x)])
                np.testing.assert_allclose(np.concatenate([g.as_numpy(output_name) for g in got]), y, atol=1e-4, rtol=0)
    asyncio.run(run())


def test_asynchronous_calls_and_streams_answer_each_request_once(examples_server):
    x, y = reference("mlp", 1)
    client = grpcclient.InferenceServerClient(examples_server.grpc)
    answers = queue.Queue()
    for i in range(64):
        client.async_infer("mlp", build(grpcclient, "x", x[i:i + 1]), lambda result, error: answers.put((result, error)), request_id=str(i))
    client.start_stream(lambda result, error: answers.put((result, error)))
    for i in range(64):
        client.async_stream_infer("mlp", build(grpcclient, "x", x[i:i + 1]), request_id=str(i))
    client.stop_stream()
    seen = []
    for _ in range(128):
        result, error = answers.get(timeout=30)
        assert error is None, error
        i = int(result.get_response().id)
        seen.append(i)
        np.testing.assert_allclose(result.as_numpy("y"), y[i:i + 1], atol=1e-4, rtol=0)
    assert sorted(seen) == sorted(2 * list(range(64)))


def test_a_stream_goes_on_after_a_failed_request(examples_server):
    x, _ = reference("mlp", 1)
    client = grpcclient.InferenceServerClient(examples_server.grpc)
    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    client.async_stream_infer("nobody", build(grpcclient, "x", x[:1]))
    _, error = answers.get(timeout=30)
    assert "nobody" in str(error)
    client.async_stream_infer("mlp", build(grpcclient, "x", x[:1]))
    result, error = answers.get(timeout=30)
    assert error is None and result.as_numpy("y").shape == (1, 1)
    client.stop_stream()


@pytest.mark.parametrize("module,address", [(grpcclient, "grpc"), (httpclient, "http")])
def test_health_metadata_config_and_index(examples_server, module, address):
    client = module.InferenceServerClient(getattr(examples_server, address))
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("bbh") and client.is_model_ready("bbh", "2")
    assert not client.is_model_ready("nobody") and not client.is_model_ready("bbh", "7")
    as_json = {"as_json": True} if module is grpcclient else {}
    server = client.get_server_metadata(**as_json)
    assert server["name"] == "etalon" and server["version"]
    metadata = client.get_model_metadata("bbh", **as_json)
    assert metadata["versions"] == ["1", "2"] and metadata["platform"] == "onnxruntime_onnx"
    assert [int(v) for v in metadata["inputs"][0]["shape"]] == [-1, 2, 2048]
    config = client.get_model_config("bbh", **as_json)
    config = config.get("config", config)
    assert config["max_batch_size"] == 256 and config["input"][0]["name"] == "strain"
    index = client.get_model_repository_index(**as_json)
    index = index.get("models", index) if isinstance(index, dict) else index
    assert {("bbh", "1", "READY"), ("bbh", "2", "READY"), ("mlp", "1", "READY")} <= {(m["name"], m.get("version"), m.get("state")) for m in index}


@pytest.mark.parametrize("module,address", [(grpcclient, "grpc"), (httpclient, "http")])
def test_statistics_count_what_was_asked(examples_server, module, address):
    client = module.InferenceServerClient(getattr(examples_server, address))
    as_json = {"as_json": True} if module is grpcclient else {}

    def count():
        return int(client.get_inference_statistics("mlp", **as_json)["model_stats"][0].get("inference_count", 0))
    before = count()
    client.infer("mlp", build(module, "x", np.zeros((5, 64), np.float32)))
    assert count() == before + 5


def errors():
    x = np.zeros((1, 64), np.float32)
    return [
        ("unknown model", "nobody", "", "x", x, "Request for unknown model: 'nobody' is not found"),
        ("unknown version", "mlp", "9", "x", x, "Request for unknown model: 'mlp' version 9 is not found"),
        ("unknown input", "mlp", "", "z", x, "unexpected inference input 'z' for model 'mlp'"),
        ("wrong datatype", "mlp", "", "x", x.astype(np.int32), "data-type is 'INT32', but model 'mlp' expects 'FP32'"),
        ("wrong shape", "mlp", "", "x", np.zeros((1, 63), np.float32), "unexpected shape for input 'x' for model 'mlp'. Expected [-1,64], got [1,63]."),
        ("too large a batch", "bbh", "", "strain", np.zeros((257, 2, 2048), np.float32), "inference request batch-size must be <= 256 for 'bbh'"),
    ]


@pytest.mark.parametrize("module,address", [(grpcclient, "grpc"), (httpclient, "http")])
@pytest.mark.parametrize("case", errors(), ids=lambda case: case[0])
def test_errors_read_as_tritons(examples_server, module, address, case):
    _, model, version, name, x, text = case
    client = module.InferenceServerClient(getattr(examples_server, address))
    tensor = module.InferInput(name, list(x.shape), "INT32" if x.dtype == np.int32 else "FP32")
    tensor.set_data_from_numpy(x)
    with pytest.raises(InferenceServerException, match=".*") as error:
        client.infer(model, [tensor], model_version=version)
    assert text in str(error.value)
    assert client.is_server_ready()


def post(url, body, **headers):
    request = urllib.request.Request(url, body, {k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.mark.parametrize("body,headers", [
    (b"{", {}), (b"", {}), (b"[]", {}), (b'{"inputs":7}', {}), (b"\xff\xfe\x00", {}), (b'{"inputs":[]}', {}),
    (b'{"inputs":[{"name":"x","shape":[1,64],"datatype":"FP32","data":[1,2]}]}', {}),
    (b'{"inputs":[{"name":"x","shape":[-1,64],"datatype":"FP32","data":[]}]}', {}),
    (b'{"inputs":[{"name":"x","shape":[4611686018427387904,4],"datatype":"FP32","data":[]}]}', {}),
    (b'{"inputs":[{"name":"x","shape":[1,64],"datatype":"FP31","data":[]}]}', {}),
    (b'{"inputs":[{"name":"x","shape":[1,64],"datatype":"FP32","parameters":{"binary_data_size":256}}]}xx', {"Inference_Header_Content_Length": "87"}),
    (b"{}", {"Inference_Header_Content_Length": "99"}), (b"{}", {"Inference_Header_Content_Length": "many"}),
    (b"[" * 100000, {}),
])
def test_malformed_http_is_answered_with_an_error_that_says_why(examples_server, body, headers):
    status, answer = post(f"http://{examples_server.http}/v2/models/mlp/infer", body, **headers)
    assert status in (400, 500), answer
    assert len(json.loads(answer)["error"]) > 10
    assert httpclient.InferenceServerClient(examples_server.http).is_server_ready()


def test_metrics_under_tritons_names(examples_server):
    client = grpcclient.InferenceServerClient(examples_server.grpc)
    client.infer("mlp", build(grpcclient, "x", np.zeros((1, 64), np.float32)))
    text = urllib.request.urlopen(examples_server.metrics, timeout=10).read().decode()
    for name in ("nv_inference_request_success", "nv_inference_count", "nv_inference_exec_count", "nv_inference_queue_duration_us"):
        value = [float(line.split()[-1]) for line in text.splitlines() if line.startswith(f'{name}{{model="mlp",version="1"}}')]
        assert value and value[0] >= 1, (name, text[:2000])
    assert 'nv_inference_request_failure{model="mlp",reason="REJECTED",version="1"}' in text
