"""Messages over gRPC as they are on the wire, beside what tritonclient hides (specification sections 3, 4 and 12)."""
import struct
import threading

import grpc
import ml_dtypes
import numpy as np
import pytest
import tritonclient.grpc as grpcclient
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException

from conftest import Server
from identity_models import DATATYPES, repository_of_all


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    made = Server(repository_of_all(tmp_path_factory.mktemp("identity")), "--grpc-header-forward-pattern", "^x-")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def stub(server):
    with grpc.insecure_channel(server.grpc, options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]) as channel:
        yield service_pb2_grpc.GRPCInferenceServiceStub(channel)


def request(model, *inputs, raw=(), outputs=(), **fields):
    """Inputs are (name, datatype, shape, field of the contents or None, values)."""
    made = service_pb2.ModelInferRequest(model_name=model, **fields)
    for name, datatype, shape, field, values in inputs:
        tensor = made.inputs.add(name=name, datatype=datatype, shape=shape)
        if field:
            getattr(tensor.contents, field).extend(values)
    for name in outputs:
        made.outputs.add(name=name)
    made.raw_input_contents.extend(raw)
    return made


def refused(stub, *arguments, **options):
    with pytest.raises(grpc.RpcError) as caught:
        stub.ModelInfer(request(*arguments, **options))
    return caught.value.code().name, caught.value.details()


CONTENTS = {"BOOL": ("bool_contents", [True, False]), "INT8": ("int_contents", [-128, 127]), "INT16": ("int_contents", [-32768, 32767]),
            "INT32": ("int_contents", [-2**31, 2**31 - 1]), "INT64": ("int64_contents", [-2**63, 2**63 - 1]), "UINT8": ("uint_contents", [0, 255]),
            "UINT16": ("uint_contents", [0, 65535]), "UINT32": ("uint_contents", [0, 2**32 - 1]), "UINT64": ("uint64_contents", [0, 2**64 - 1]),
            "FP32": ("fp32_contents", [0.5, float("inf")]), "FP64": ("fp64_contents", [0.1, 5e-324]), "BYTES": ("bytes_contents", [b"", b"a\0b"])}


def as_raw(datatype, values):
    if datatype == "BYTES":
        return b"".join(struct.pack("<I", len(value)) + value for value in values)
    return np.array(values, DATATYPES[datatype][0]).tobytes()


@pytest.mark.parametrize("datatype", sorted(CONTENTS))
def test_typed_contents_of_every_datatype_come_back_raw(stub, datatype):
    field, values = CONTENTS[datatype]
    answer = stub.ModelInfer(request(f"same_{datatype}", ("x0", datatype, [2], field, values)))
    assert list(answer.raw_output_contents) == [as_raw(datatype, values)]
    assert not answer.outputs[0].HasField("contents") and answer.outputs[0].datatype == datatype and list(answer.outputs[0].shape) == [2]
    assert answer.model_name == f"same_{datatype}" and answer.model_version == "1" and answer.id == ""


@pytest.mark.parametrize("datatype", sorted(DATATYPES))
def test_raw_contents_of_every_datatype_come_back(stub, datatype):
    values = [b"", b"text"] if datatype == "BYTES" else [0, 1]
    raw = as_raw(datatype, values)
    assert stub.ModelInfer(request(f"same_{datatype}", ("x0", datatype, [2], None, []), raw=[raw])).raw_output_contents[0] == raw


@pytest.mark.parametrize("datatype", ["FP16", "BF16"])
def test_half_precision_has_no_typed_form(stub, datatype):
    code, text = refused(stub, f"same_{datatype}", ("x0", datatype, [1], "fp32_contents", [1.0]))
    assert code == "INVALID_ARGUMENT" and "x0" in text


def test_raw_outputs_are_in_the_order_of_the_outputs(stub):
    rows = [np.full((1, 16), i, "<f4") for i in range(3)]
    inputs = [(f"x{i}", "FP32", [1, 16], None, []) for i in range(3)]
    answer = stub.ModelInfer(request("three", *inputs, raw=[row.tobytes() for row in rows], outputs=["y2", "y0"], id="the one"))
    assert answer.id == "the one" and {o.name for o in answer.outputs} == {"y0", "y2"}
    for output, raw in zip(answer.outputs, answer.raw_output_contents, strict=True):
        assert raw == rows[int(output.name[1])].tobytes()


def test_contents_of_both_kinds_are_refused(stub):
    code, text = refused(stub, "same_FP32", ("x0", "FP32", [1], "fp32_contents", [1.0]), raw=[b"\0\0\0\0"])
    assert (code, text) == ("INVALID_ARGUMENT", "[request id: <id_unknown>] contents field must not be specified when using raw_input_contents for 'x0' for model 'same_FP32'")


@pytest.mark.parametrize("arguments,options,code,text", [
    (("none",), {}, "NOT_FOUND", "Request for unknown model: 'none' is not found"),
    (("same_FP32",), {"model_version": "9"}, "NOT_FOUND", "Request for unknown model: 'same_FP32' version 9 is not found"),
    (("same_FP32",), {"model_version": "x"}, "INVALID_ARGUMENT", "version"),
    (("same_FP32", ("x0", "FP32", [8], None, [])), {"raw": [b"\0" * 40], "id": "n"}, "INVALID_ARGUMENT",
     "[request id: n] input byte size mismatch for input 'x0' for model 'same_FP32'. Expected 32, got 40"),
    (("same_FP32", ("x0", "FP32", [-1], None, [])), {"raw": [b""]}, "INVALID_ARGUMENT", "x0"),
    (("same_FP32", ("x0", "FP32", [2**62, 2**62], None, [])), {"raw": [b""]}, "INVALID_ARGUMENT", "x0"),
    (("same_FP32", ("x0", "FP31", [1], None, [])), {"raw": [b""]}, "INVALID_ARGUMENT", "FP31"),
    (("three", ("x0", "FP32", [1, 16], None, [])), {"raw": [b"\0" * 64]}, "INVALID_ARGUMENT",
     "expected 3 inputs but got 1 inputs for model 'three'. Got input(s) ['x0'], but missing required input(s) ['x1','x2']. Please provide all required input(s)."),
])
def test_faults_are_told_by_code_and_text(stub, arguments, options, code, text):
    got, details = refused(stub, *arguments, **options)
    assert got == code and text in details


def test_numbers_that_do_not_fit_their_datatype_are_refused(stub):
    code, text = refused(stub, "same_INT8", ("x0", "INT8", [1], "int_contents", [128]))
    assert code == "INVALID_ARGUMENT" and "x0" in text


# Streams ------------------------------------------------------------------------------------------


def test_a_stream_names_its_requests_and_goes_on_after_a_fault(stub):
    def requests():
        yield request("none", id="a")
        yield request("same_FP32", ("x0", "FP32", [1], "fp32_contents", [1.0]), id="b")

    first, second = stub.ModelStreamInfer(requests())
    assert first.error_message and first.infer_response.id in ("", "a")
    assert not second.error_message and second.infer_response.id == "b"


def test_the_first_fault_ends_a_stream_whose_client_wants_statuses(stub):
    calls = stub.ModelStreamInfer(iter([request("none")]), metadata=[("triton_grpc_error", "true")])
    with pytest.raises(grpc.RpcError) as caught:
        list(calls)
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND and "none" in caught.value.details()


def test_the_one_answer_of_a_model_is_its_final_one(stub):
    answer, = stub.ModelStreamInfer(iter([request("same_FP32", ("x0", "FP32", [1], "fp32_contents", [1.0]))]))
    assert answer.infer_response.parameters["triton_final_response"].bool_param is True


def test_answers_of_a_stream_keep_the_order_of_its_requests(stub):
    models = ["same_FP32", "none", "same_INT32"] * 50
    asked = [request(model, ("x0", model[5:] or "FP32", [1], None, []), raw=[b"\0\0\0\0"], id=str(i)) for i, model in enumerate(models)]
    assert [answer.infer_response.id for answer in stub.ModelStreamInfer(iter(asked))] == [str(i) for i in range(150)]


# Transport ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["gzip", "deflate"])
def test_messages_are_compressed_both_ways(server, algorithm):
    client = grpcclient.InferenceServerClient(server.grpc)
    tensor = grpcclient.InferInput("x0", [100_000], "FP32")
    tensor.set_data_from_numpy(np.ones(100_000, np.float32))
    assert client.infer("same_FP32", [tensor], compression_algorithm=algorithm).as_numpy("y0").sum() == 100_000
    client.close()


def test_large_messages_pass(stub):
    raw = bytes(64 << 20)
    answer = stub.ModelInfer(request("same_UINT8", ("x0", "UINT8", [len(raw)], None, []), raw=[raw]))
    assert len(answer.raw_output_contents[0]) == len(raw)


def test_clients_may_ping_every_ten_seconds_without_calls(server):
    """grpc refuses to ping as often as this test would like, so it asks only that the option is taken and nobody is cut off."""
    options = grpcclient.KeepAliveOptions(keepalive_time_ms=10_000, keepalive_timeout_ms=5_000, keepalive_permit_without_calls=True, http2_max_pings_without_data=0)
    client = grpcclient.InferenceServerClient(server.grpc, keepalive_options=options)
    assert client.is_server_live()
    client.close()


def test_health_is_told_to_load_balancers(server):
    with grpc.insecure_channel(server.grpc) as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        assert check(b"") == b"\x08\x01"
        with pytest.raises(grpc.RpcError) as caught:
            check(b"\x0a\x04none")
        assert caught.value.code() == grpc.StatusCode.NOT_FOUND
        first = next(iter(channel.unary_stream("/grpc.health.v1.Health/Watch")(b"")))
        assert first == b"\x08\x01"


def test_readiness_is_false_rather_than_a_fault(stub):
    assert stub.ServerLive(service_pb2.ServerLiveRequest()).live and stub.ServerReady(service_pb2.ServerReadyRequest()).ready
    assert not stub.ModelReady(service_pb2.ModelReadyRequest(name="none")).ready
    assert not stub.ModelReady(service_pb2.ModelReadyRequest(name="three", version="9")).ready
    assert stub.ModelReady(service_pb2.ModelReadyRequest(name="three", version="1")).ready


def test_methods_that_do_not_exist_are_named(server):
    with grpc.insecure_channel(server.grpc) as channel, pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/inference.GRPCInferenceService/ModelGuess")(b"")
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED and "ModelGuess" in caught.value.details()


def test_what_is_no_message_is_refused_and_the_connection_lives(server):
    with grpc.insecure_channel(server.grpc) as channel:
        infer = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
        for bad in (b"\xff\xff\xff", b"\x0a\x7fx", b"\x2a\x03\x0a\x7fx"):
            with pytest.raises(grpc.RpcError) as caught:
                infer(bad)
            assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert channel.unary_unary("/inference.GRPCInferenceService/ServerLive")(b"") == b"\x08\x01"


def test_many_threads_share_a_connection(server):
    client = grpcclient.InferenceServerClient(server.grpc)
    faults = []

    def ask(value):
        tensor = grpcclient.InferInput("x0", [1], "INT32")
        tensor.set_data_from_numpy(np.array([value], np.int32))
        for _ in range(20):
            if client.infer("same_INT32", [tensor]).as_numpy("y0")[0] != value:
                faults.append(value)

    threads = [threading.Thread(target=ask, args=(value,)) for value in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    client.close()


def test_clients_send_and_read_bf16(server):
    client = grpcclient.InferenceServerClient(server.grpc)
    x = np.array([1.5, -2, 0.15625], ml_dtypes.bfloat16)
    tensor = grpcclient.InferInput("x0", [3], "BF16")
    tensor.set_data_from_numpy(x)
    np.testing.assert_array_equal(client.infer("same_BF16", [tensor]).as_numpy("y0").astype(np.float32), x.astype(np.float32))
    client.close()


# Parameters (section 4) ---------------------------------------------------------------------------


@pytest.mark.parametrize("key,field,value,text", [
    ("sequence_id", "bool_param", True, "sequence_id"), ("sequence_id", "double_param", 1.0, "sequence_id"), ("sequence_id", "string_param", "x" * 129, "128"),
    ("sequence_start", "int64_param", 1, "sequence_start"), ("priority", "string_param", "high", "priority"), ("timeout", "int64_param", -1, "timeout"),
])
def test_reserved_parameters_of_another_form_are_refused(stub, key, field, value, text):
    asked = request("same_FP32", ("x0", "FP32", [1], "fp32_contents", [1.0]))
    setattr(asked.parameters[key], field, value)
    with pytest.raises(grpc.RpcError) as caught:
        stub.ModelInfer(asked)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT and text in caught.value.details()


@pytest.mark.parametrize("key,field,value", [
    ("sequence_id", "int64_param", 0), ("sequence_id", "string_param", ""), ("priority", "uint64_param", 0), ("timeout", "int64_param", 10_000_000),
    ("timeout", "uint64_param", 2**64 - 1), ("triton_anything", "bool_param", True), ("mine", "double_param", 0.5), ("mine", "string_param", "x"),
])
def test_parameters_of_every_form_pass(stub, key, field, value):
    asked = request("same_FP32", ("x0", "FP32", [1], "fp32_contents", [1.0]))
    setattr(asked.parameters[key], field, value)
    assert stub.ModelInfer(asked, metadata=[("x-trace", "7")]).raw_output_contents[0] == struct.pack("<f", 1)


@pytest.mark.parametrize("key", ["binary_data_output", "headers", "triton_mine", "sequence_id"])
def test_clients_do_not_send_reserved_parameters_as_their_own(server, key):
    client = grpcclient.InferenceServerClient(server.grpc)
    with pytest.raises(InferenceServerException, match="reserved"):
        client.infer("same_FP32", [], parameters={key: 1})
    client.close()
