"""Requests and answers over plain HTTP, byte by byte (specification sections 1, 2 and 12)."""
import gzip
import json
import struct
import urllib.error
import urllib.request
import zlib

import ml_dtypes
import numpy as np
import pytest
import tritonclient.http as httpclient

from conftest import Server
from identity_models import DATATYPES, repository_of_all
from test_surface import ask

LENGTH = "Inference-Header-Content-Length"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    made = Server(repository_of_all(tmp_path_factory.mktemp("identity")))
    yield made
    made.stop()


def infer(server, model, request, tail=b"", headers=None, packed=None):
    """Status, headers, JSON and the bytes behind it; `tail` follows the request's JSON."""
    text = json.dumps(request).encode() if isinstance(request, dict) else request
    body = text + tail
    sent = {LENGTH: str(len(text))} if tail else {}
    sent.update(headers or {})
    asked = urllib.request.Request(f"http://{server.http}/v2/models/{model}/infer", packed(body) if packed else body, sent)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            status, got, content = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        status, got, content = error.code, error.headers, error.read()
    if got.get("Content-Encoding") == "gzip":
        content = gzip.decompress(content)
    elif got.get("Content-Encoding") == "deflate":
        content = zlib.decompress(content)
    length = int(got.get(LENGTH, len(content)))
    return status, got, json.loads(content[:length]), content[length:]


def tensor(data, shape=None, name="x0", datatype="FP32", **more):
    return {"name": name, "shape": shape or [len(data)], "datatype": datatype, "data": data, **more}


# Answers in JSON and in binary --------------------------------------------------------------------


def test_an_answer_in_json_has_these_members_and_no_others(server):
    status, headers, answer, rest = infer(server, "same_FP32", {"inputs": [tensor([1, 2.5, -3])]})
    assert status == 200 and headers["Content-Type"] == "application/json" and LENGTH not in headers and not rest
    assert answer == {"model_name": "same_FP32", "model_version": "1",
                      "outputs": [{"name": "y0", "datatype": "FP32", "shape": [3], "data": [1.0, 2.5, -3.0]}]}


def test_an_id_comes_back_if_it_was_given(server):
    assert infer(server, "same_FP32", {"id": "a \"b\" ü", "inputs": [tensor([1])]})[2]["id"] == "a \"b\" ü"


def test_nested_data_is_flat_data(server):
    flat, nested = [float(i) for i in range(6)], [[0, 1, 2], [3, 4, 5]]
    for data in (flat, nested):
        request = {"inputs": [tensor(data, [1, 2, 3])]}
        assert infer(server, "plane", request)[2]["outputs"][0]["data"] == flat


def test_no_outputs_or_an_empty_list_of_them_are_all_of_them(server):
    inputs = [tensor([0.0] * 16, [1, 16], f"x{i}") for i in range(3)]
    for more in ({}, {"outputs": []}):
        assert [o["name"] for o in infer(server, "three", {"inputs": inputs, **more})[2]["outputs"]] == ["y0", "y1", "y2"]
    some = infer(server, "three", {"inputs": inputs, "outputs": [{"name": "y2"}, {"name": "y0"}]})[2]["outputs"]
    assert {o["name"] for o in some} == {"y0", "y2"}


@pytest.mark.parametrize("whole,flag,binary", [(None, None, False), (None, True, True), (None, False, False), (True, None, False), (True, True, True), (True, False, False),
                                               (False, True, True), (True, "unlisted", True), (False, "unlisted", False)])
def test_an_outputs_own_flag_says_whether_it_is_binary(server, whole, flag, binary):
    request = {"inputs": [tensor([1, 2])]}
    if whole is not None:
        request["parameters"] = {"binary_data_output": whole}
    if flag != "unlisted":
        request["outputs"] = [{"name": "y0", **({} if flag is None else {"parameters": {"binary_data": flag}})}]
    status, headers, answer, rest = infer(server, "same_FP32", request)
    assert status == 200
    if binary:
        assert headers["Content-Type"] == "application/octet-stream"
        assert answer["outputs"][0]["parameters"] == {"binary_data_size": 8} and "data" not in answer["outputs"][0]
        assert rest == struct.pack("<2f", 1, 2)
    else:
        assert answer["outputs"][0]["data"] == [1.0, 2.0] and not rest and LENGTH not in headers


def test_binary_and_json_inputs_mix_and_bytes_follow_in_their_order(server):
    x = np.arange(16, dtype="<f4")
    inputs = [{"name": "x2", "shape": [1, 16], "datatype": "FP32", "parameters": {"binary_data_size": 64}}, tensor([1.0] * 16, [1, 16], "x1"),
              {"name": "x0", "shape": [1, 16], "datatype": "FP32", "parameters": {"binary_data_size": 64}}]
    outputs = [{"name": "y0", "parameters": {"binary_data": True}}, {"name": "y1"}, {"name": "y2", "parameters": {"binary_data": True}}]
    _, _, answer, rest = infer(server, "three", {"inputs": inputs, "outputs": outputs}, x.tobytes() + (x + 100).tobytes())
    by_name = {"y1": [1.0] * 16}
    for output in answer["outputs"]:
        if size := output.get("parameters", {}).get("binary_data_size"):
            by_name[output["name"]], rest = list(np.frombuffer(rest[:size], "<f4")), rest[size:]
        else:
            assert output["name"] == "y1" and output["data"] == by_name["y1"]
    assert by_name["y2"] == list(x) and by_name["y0"] == list(x + 100) and not rest


# Datatypes ----------------------------------------------------------------------------------------

EDGES = {"BOOL": [True, False], "UINT8": [0, 255], "UINT16": [0, 65535], "UINT32": [0, 2**32 - 1], "UINT64": [0, 2**64 - 1, 2**53 + 1],
         "INT8": [-128, 127], "INT16": [-32768, 32767], "INT32": [-2**31, 2**31 - 1], "INT64": [-2**63, 2**63 - 1, 2**53 + 1],
         "FP32": [0.1, -3.4028234e38, 1e-45], "FP64": [0.1, 1.7976931348623157e308, 5e-324], "BYTES": ["", "α", "a\u0000b", "\"\\\n"]}


@pytest.mark.parametrize("datatype", sorted(EDGES))
def test_every_datatype_with_a_json_form_keeps_its_values(server, datatype):
    _, _, answer, _ = infer(server, f"same_{datatype}", {"inputs": [tensor(EDGES[datatype], datatype=datatype)]})
    got, kind = answer["outputs"][0], DATATYPES[datatype][0]
    assert got["datatype"] == datatype
    assert (got["data"] == EDGES[datatype]) if datatype != "FP32" else (np.array(got["data"], kind) == np.array(EDGES[datatype], kind)).all()


@pytest.mark.parametrize("datatype", sorted(DATATYPES))
def test_every_datatype_keeps_its_bytes(server, datatype):
    kind = DATATYPES[datatype][0]
    if datatype == "BYTES":
        texts = [b"", b"plain", b"a\0b", "α".encode()]
        raw, count = b"".join(struct.pack("<I", len(t)) + t for t in texts), 4
    else:
        raw, count = np.array([0, 1, 1, 0, 1], kind).tobytes(), 5
    request = {"inputs": [{"name": "x0", "shape": [count], "datatype": datatype, "parameters": {"binary_data_size": len(raw)}}],
               "parameters": {"binary_data_output": True}}
    status, _, answer, rest = infer(server, f"same_{datatype}", request, raw)
    assert status == 200 and rest == raw, answer


@pytest.mark.parametrize("datatype", ["FP16", "BF16"])
def test_half_precision_has_no_json_form(server, datatype):
    status, _, answer, _ = infer(server, f"same_{datatype}", {"inputs": [tensor([1, 2], datatype=datatype)]})
    assert status == 400 and datatype in answer["error"]
    request = {"inputs": [{"name": "x0", "shape": [1], "datatype": datatype, "parameters": {"binary_data_size": 2}}]}
    status, _, answer, _ = infer(server, f"same_{datatype}", request, b"\0\0")
    assert status == 400 and "binary_data" in answer["error"]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_has_no_json_form(server, value):
    raw = np.array([1, value], "<f4").tobytes()
    request = {"inputs": [{"name": "x0", "shape": [2], "datatype": "FP32", "parameters": {"binary_data_size": 8}}]}
    status, _, answer, _ = infer(server, "same_FP32", request, raw)
    assert status == 400 and "element 1" in answer["error"]
    status, _, _, rest = infer(server, "same_FP32", {**request, "parameters": {"binary_data_output": True}}, raw)
    assert status == 200 and rest == raw


@pytest.mark.parametrize("datatype,data", [("INT8", [128]), ("UINT8", [-1]), ("UINT64", [2**64]), ("INT64", [2**63]), ("INT32", [1.5]), ("BOOL", [2]), ("FP32", ["1"]),
                                           ("BYTES", [1]), ("FP32", [None])])
def test_data_that_does_not_fit_its_datatype_is_refused(server, datatype, data):
    status, _, answer, _ = infer(server, f"same_{datatype}", {"inputs": [tensor(data, datatype=datatype)]})
    assert status == 400 and "x0" in answer["error"], answer


def test_clients_send_and_read_bf16(server):
    client = httpclient.InferenceServerClient(server.http)
    given = httpclient.InferInput("x0", [3], "BF16")
    x = np.array([1.5, -2, 0.15625], ml_dtypes.bfloat16)
    given.set_data_from_numpy(x)
    np.testing.assert_array_equal(client.infer("same_BF16", [given]).as_numpy("y0").astype(np.float32), x.astype(np.float32))


def test_texts_that_are_not_utf8_are_carried_as_far_as_the_model_takes_them(server):
    """ONNX strings are UTF-8, so its models refuse others (docs/compatibility.md); the same bytes as UINT8 pass."""
    raw = struct.pack("<I", 2) + b"\xff\xfe"
    request = {"inputs": [{"name": "x0", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": len(raw)}}]}
    status, _, answer, _ = infer(server, "same_BYTES", request, raw)
    assert status == 400 and "element 0 is not UTF-8" in answer["error"]


# Raw requests -------------------------------------------------------------------------------------


def test_a_request_of_nothing_but_bytes_takes_its_shape_from_the_configuration(server):
    status, headers, answer, rest = infer(server, "same_FP32", b"", struct.pack("<3f", 1, 2, 3), {LENGTH: "0"})
    assert status == 200 and answer["outputs"][0]["shape"] == [3]
    assert rest == struct.pack("<3f", 1, 2, 3) or answer["outputs"][0]["data"] == [1, 2, 3]
    assert infer(server, "text", b"", b"no length", {LENGTH: "0"})[0] == 200


@pytest.mark.parametrize("model,body,text", [
    ("three", b"\0" * 64, "Raw request must only have 1 input (found 1) to be deduced but got 3 inputs in 'three' model configuration"),
    ("plane", b"\0" * 64, "The shape of the raw input 'x0' can not be deduced because there are more than one variable-sized dimension"),
    ("same_BYTES", b"abc", "For BYTE datatype raw input 'x0', the model must have input shape [1]"),
])
def test_raw_requests_that_leave_a_question_are_refused(server, model, body, text):
    status, _, answer, _ = infer(server, model, b"", body, {LENGTH: "0"})
    assert status == 400 and text in answer["error"]


# Compression --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name,packed", [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_requests_and_answers_are_compressed_and_lengths_are_of_the_plain_json(server, name, packed):
    raw = np.zeros(4096, "<f4").tobytes()
    request = {"inputs": [{"name": "x0", "shape": [4096], "datatype": "FP32", "parameters": {"binary_data_size": len(raw)}}], "parameters": {"binary_data_output": True}}
    status, headers, answer, rest = infer(server, "same_FP32", request, raw, {"Content-Encoding": name, "Accept-Encoding": name}, packed)
    assert status == 200 and headers["Content-Encoding"] == name and rest == raw
    assert int(headers["Content-Length"]) < 1000
    client = httpclient.InferenceServerClient(server.http)
    given = httpclient.InferInput("x0", [4096], "FP32")
    given.set_data_from_numpy(np.ones(4096, np.float32))
    got = client.infer("same_FP32", [given], request_compression_algorithm=name, response_compression_algorithm=name)
    assert got.as_numpy("y0").sum() == 4096


@pytest.mark.parametrize("name,body", [("gzip", b"no gzip"), ("deflate", b"\x78\x9c\x01"), ("br", b"x")])
def test_damaged_or_unknown_compression_is_refused(server, name, body):
    status, _, text = ask(server, "/v2/models/same_FP32/infer", body, {"Content-Encoding": name})
    assert status in (400, 501) and "error" in json.loads(text)


# Faults (sections 2 and 12) -----------------------------------------------------------------------


@pytest.mark.parametrize("size,length,why", [(64, None, "64"), (8, "1000000", "Inference-Header-Content-Length"), (8, "-5", ""), (8, "x", "number"), (4, None, "")])
def test_lengths_that_do_not_fit_are_refused(server, size, length, why):
    request = {"inputs": [{"name": "x0", "shape": [2], "datatype": "FP32", "parameters": {"binary_data_size": size}}]}
    status, _, answer, _ = infer(server, "same_FP32", request, b"\0" * 8, {LENGTH: length} if length else None)
    assert status == 400 and why in answer["error"]


def test_bytes_that_belong_to_no_input_are_refused(server):
    request = {"inputs": [{"name": "x0", "shape": [2], "datatype": "FP32", "parameters": {"binary_data_size": 8}}]}
    status, _, answer, _ = infer(server, "same_FP32", request, b"\0" * 12)
    assert status == 400 and answer["error"]


@pytest.mark.parametrize("model,inputs,outputs,text", [
    ("three", ["x0"], None, "expected 3 inputs but got 1 inputs for model 'three'. Got input(s) ['x0'], but missing required input(s) ['x1','x2']. Please provide all required input(s)."),
    ("three", ["x0", "x1", "x2", "z"], None, "unexpected inference input 'z' for model 'three'"),
    ("three", ["x0", "x1", "x2"], ["q"], "unexpected inference output 'q' for model 'three'"),
])
def test_wrong_names_are_told(server, model, inputs, outputs, text):
    request = {"id": "n1", "inputs": [tensor([0.0] * 16, [1, 16], name) for name in inputs]}
    if outputs:
        request["outputs"] = [{"name": name} for name in outputs]
    status, _, answer, _ = infer(server, model, request)
    assert status == 400 and answer["error"] == f"[request id: n1] {text}"


def test_wrong_sizes_are_told(server):
    def error(model, *inputs, tail=b""):
        status, _, answer, _ = infer(server, model, {"inputs": list(inputs)}, tail)
        assert status == 400
        return answer["error"]

    rest = [tensor([0.0] * 16, [1, 16], f"x{i}") for i in (1, 2)]
    assert error("three", tensor([0.0] * 8, [1, 8]), *rest) == "[request id: <id_unknown>] unexpected shape for input 'x0' for model 'three'. Expected [-1,16], got [1,8]."
    assert error("three", tensor([0.0] * 32, [2, 16]), *rest).endswith("batch size does not match other inputs for 'three'")
    many = [tensor([0.0] * 80, [5, 16], f"x{i}") for i in range(3)]
    assert error("three", *many).endswith("inference request batch-size must be <= 4 for 'three'")
    assert error("three", tensor([0] * 16, [1, 16], datatype="INT32"), *rest).endswith("inference input 'x0' data-type is 'INT32', but model 'three' expects 'FP32'")
    sized = {"name": "x0", "shape": [8], "datatype": "FP32", "parameters": {"binary_data_size": 40}}
    assert error("same_FP32", sized, tail=b"\0" * 40).endswith("input byte size mismatch for input 'x0' for model 'same_FP32'. Expected 32, got 40")
    texts = b"\x01\0\0\0a" * 14
    sized = {"name": "x0", "shape": [4, 4], "datatype": "BYTES", "parameters": {"binary_data_size": len(texts)}}
    assert error("texts", sized, tail=texts).endswith("expected 16 string elements for inference input 'x0' for model 'texts', got 14")
    texts = b"\x01\0\0\0a" * 17
    sized["parameters"]["binary_data_size"] = len(texts)
    assert error("texts", sized, tail=texts).endswith("unexpected number of string elements 17 for inference input 'x0' for model 'texts', expecting 16")


@pytest.mark.parametrize("path,body,status,text", [
    ("/v2/models/none/infer", {"inputs": []}, 404, "Request for unknown model: 'none' is not found"),
    ("/v2/models/three/versions/9/infer", {"inputs": []}, 404, "Request for unknown model: 'three' version 9 is not found"),
    ("/v2/models/none", None, 404, "Request for unknown model: 'none' is not found"),
    ("/v2/models/none/config", None, 404, "Request for unknown model: 'none' is not found"),
    ("/v2/models/none/stats", None, 400, "requested model 'none' is not available"),
    ("/v2/models/none/ready", None, 400, None), ("/v2/models/three/versions/9/ready", None, 400, None),
])
def test_what_is_not_there_is_told_with_its_status(server, path, body, status, text):
    got, _, answer = ask(server, path, body)
    assert got == status
    assert answer == "" if text is None else text in json.loads(answer)["error"]


# Metadata and configuration (section 1) -----------------------------------------------------------


def test_metadata_and_configuration_have_the_forms_that_clients_read(server):
    metadata = json.loads(ask(server, "/v2/models/three/versions/1")[2])
    assert metadata == {"name": "three", "versions": ["1"], "platform": "onnxruntime_onnx",
                        "inputs": [{"name": f"x{i}", "datatype": "FP32", "shape": [-1, 16]} for i in range(3)],
                        "outputs": [{"name": f"y{i}", "datatype": "FP32", "shape": [-1, 16]} for i in range(3)]}
    assert json.loads(ask(server, "/v2/models/text")[2])["inputs"] == [{"name": "x0", "datatype": "BYTES", "shape": [1]}]
    config = json.loads(ask(server, "/v2/models/three/config")[2])
    assert config["name"] == "three" and config["max_batch_size"] == 4 and config["platform"] == "onnxruntime_onnx"
    assert config["input"][0]["data_type"] == "TYPE_FP32" and config["input"][0]["dims"] == [16] and config["input"][0]["format"] == "FORMAT_NONE"
    assert config["version_policy"]["latest"]["num_versions"] == 1 and config["instance_group"][0]["name"] == "three_0"
    assert config["instance_group"][0]["kind"] == "KIND_CPU" and config["instance_group"][0]["count"] >= 1


def test_the_server_says_who_it_is_and_what_it_can(server):
    for path in ("/v2", "/v2/"):
        who = json.loads(ask(server, path)[2])
        assert who["name"] == "etalon" and who["version"]
        assert {"classification", "sequence", "model_repository", "model_repository(unload_dependents)", "schedule_policy", "model_configuration",
                "system_shared_memory", "cuda_shared_memory", "binary_tensor_data", "parameters", "statistics", "trace", "logging"} <= set(who["extensions"])


def test_health_has_no_body(server):
    for path in ("/v2/health/live", "/v2/health/ready", "/v2/models/three/ready"):
        status, headers, text = ask(server, path)
        assert (status, text, headers["Content-Length"]) == (200, "", "0")
