"""Ensembles, with tritonclient (specification sections 5, 6 and 10): outputs, statistics, control, sequences."""
import queue
import random
import shutil
import urllib.request

import numpy as np
import onnx
import pytest
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from tritonclient.utils import InferenceServerException

from conftest import EXAMPLES, Server, needs_shared, wait_until

MODULES = {"grpc": grpcclient, "http": httpclient}


def tensor(module, name, values):
    made = module.InferInput(name, list(values.shape), "FP32")
    made.set_data_from_numpy(values)
    return made


def ask_coherent(module, client, h1, l1):
    inputs = [tensor(module, "strain_h1", h1), tensor(module, "strain_l1", l1)]
    return client.infer("coherent", inputs).as_numpy("score")


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_gives_what_its_steps_give(examples_server, protocol):
    module = MODULES[protocol]
    folder = needs_shared("models/repository/coherent/reference")
    h1, l1, expected = (np.load(folder / f"{name}.npy") for name in ("input_strain_h1", "input_strain_l1", "output"))
    client = module.InferenceServerClient(getattr(examples_server, protocol))
    got = ask_coherent(module, client, h1, l1)
    np.testing.assert_allclose(got, expected, atol=1e-4, rtol=0)
    for row in range(3):
        np.testing.assert_allclose(
            ask_coherent(module, client, h1[row:row + 1], l1[row:row + 1]), expected[row:row + 1], atol=1e-4, rtol=0)
    client.close()


def test_counts_requests_itself_and_compute_in_its_members(serve):
    server = serve(EXAMPLES / "models", "--model-control-mode", "explicit", "--load-model", "coherent")
    client = httpclient.InferenceServerClient(server.http)
    states = {entry["name"]: entry.get("state") for entry in client.get_model_repository_index()}
    assert states["coherent"] == states["single"] == states["coincidence"] == "READY" and states.get("bbh") != "READY"
    assert client.get_model_metadata("coherent")["platform"] == "ensemble"

    def stats(model):
        return client.get_inference_statistics(model)["model_stats"][0]

    before = {model: stats(model)["inference_count"] for model in ("coherent", "single", "coincidence")}
    strain = np.random.default_rng(1).standard_normal((2, 1, 2048)).astype(np.float32)
    ask_coherent(httpclient, client, strain, strain)
    wait_until(lambda: stats("coincidence")["inference_count"] - before["coincidence"] == 2)
    assert stats("coherent")["inference_count"] - before["coherent"] == 2
    assert stats("single")["inference_count"] - before["single"] == 4
    assert stats("coherent")["inference_stats"]["compute_infer"]["count"] == 0
    metrics = urllib.request.urlopen(server.metrics).read().decode()
    assert 'etalon_ensemble_step_count_total{model="coherent",step="step 2 (coincidence)",version="1"}' in metrics
    client.close()


@pytest.mark.parametrize("with_dependents", [False, True])
def test_members_go_with_their_ensemble_if_asked(serve, with_dependents):
    server = serve(EXAMPLES / "models", "--model-control-mode", "explicit")
    client = grpcclient.InferenceServerClient(server.grpc)
    client.load_model("coincidence")
    client.load_model("coherent")
    assert client.is_model_ready("single")
    client.unload_model("coherent", unload_dependents=with_dependents)
    wait_until(lambda: not client.is_model_ready("coherent"))
    wait_until(lambda: client.is_model_ready("single") is not with_dependents)
    assert client.is_model_ready("coincidence")  # was asked for by name
    client.close()


def test_says_which_member_is_gone(serve):
    server = serve(EXAMPLES / "models", "--model-control-mode", "explicit", "--load-model", "coherent")
    client = grpcclient.InferenceServerClient(server.grpc)
    client.unload_model("coincidence")
    wait_until(lambda: not client.is_model_ready("coincidence"))
    strain = np.zeros((1, 1, 2048), np.float32)
    with pytest.raises(InferenceServerException, match=r"step 2 \(coincidence\)") as caught:
        ask_coherent(grpcclient, client, strain, strain)
    assert "UNAVAILABLE" in caught.value.status()
    assert not client.is_model_ready("coherent") and not client.is_server_ready()
    index = {entry.name: entry for entry in client.get_model_repository_index().models}
    assert index["coherent"].state == "UNAVAILABLE" and "coincidence" in index["coherent"].reason
    client.load_model("coincidence")
    assert ask_coherent(grpcclient, client, strain, strain).shape == (1, 1)
    client.close()


def test_tells_every_fault_of_a_graph(serve, tmp_path):
    for name in ("single", "coincidence", "coherent"):
        shutil.copytree(EXAMPLES / "models" / name, tmp_path / name)
    config = tmp_path / "coherent" / "config.pbtxt"
    config.write_text(config.read_text().replace('value: "single_l1"\n      }\n    },', 'value: "single_x"\n      }\n    },', 1))
    server = serve(tmp_path, "--model-control-mode", "explicit")
    client = httpclient.InferenceServerClient(server.http)
    with pytest.raises(InferenceServerException) as caught:
        client.load_model("coherent")
    text = caught.value.message()
    assert "'single_l1' is neither an input of the ensemble nor given by a step" in text
    assert "'single_x' is used by no step and is no output" in text
    client.close()


def write_adder(folder, name, is_stateful):
    """y = x, or with a state y = x + all x before in the sequence."""
    float_1 = lambda tensor: onnx.helper.make_tensor_value_info(tensor, onnx.TensorProto.FLOAT, ["rows", 1])
    if is_stateful:
        nodes = [onnx.helper.make_node("Add", ["x", "state_in"], ["y"]), onnx.helper.make_node("Identity", ["y"], ["state_out"])]
        inputs, outputs = ["x", "state_in"], ["y", "state_out"]
        scheduling = """sequence_batching { oldest { max_candidate_sequences: 64 } state [ { input_name: "state_in"
            output_name: "state_out" data_type: TYPE_FP32 dims: [ 1 ]
            initial_state { name: "zero" data_type: TYPE_FP32 dims: [ 1 ] zero_data: true } } ] }"""
    else:
        nodes, inputs, outputs = [onnx.helper.make_node("Identity", ["x"], ["y"])], ["x"], ["y"]
        scheduling = "dynamic_batching { }"
    graph = onnx.helper.make_graph(nodes, name, [float_1(i) for i in inputs], [float_1(o) for o in outputs])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    (folder / name / "1").mkdir(parents=True)
    onnx.save(model, folder / name / "1" / "model.onnx")
    (folder / name / "config.pbtxt").write_text(f"""max_batch_size: 8
        input [ {{ name: "x" data_type: TYPE_FP32 dims: [ 1 ] }} ] output [ {{ name: "y" data_type: TYPE_FP32 dims: [ 1 ] }} ]
        instance_group [ {{ count: 2 kind: KIND_CPU }} ] {scheduling}""")


def test_sequences_keep_their_order_and_their_state(serve, tmp_path):
    write_adder(tmp_path, "net", is_stateful=False)
    write_adder(tmp_path, "sum", is_stateful=True)
    (tmp_path / "both" / "1").mkdir(parents=True)
    (tmp_path / "both" / "config.pbtxt").write_text("""platform: "ensemble" max_batch_size: 8
        input [ { name: "x" data_type: TYPE_FP32 dims: [ 1 ] } ] output [ { name: "y" data_type: TYPE_FP32 dims: [ 1 ] } ]
        ensemble_scheduling { step [
          { model_name: "net" model_version: -1 input_map { key: "x" value: "x" } output_map { key: "y" value: "t" } },
          { model_name: "sum" model_version: -1 input_map { key: "x" value: "t" } output_map { key: "y" value: "y" } } ] }""")
    server = serve(tmp_path)
    client = grpcclient.InferenceServerClient(server.grpc)
    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    choose, sums, expected = random.Random(1), {}, {}
    for number in range(600):
        sequence, value = choose.randrange(1, 17), choose.randrange(100)
        start, end = sequence not in sums, choose.randrange(25) == 0
        sums[sequence] = value + (0 if start else sums[sequence])
        expected.setdefault(sequence, []).append((str(number), sums[sequence]))
        client.async_stream_infer("both", [tensor(grpcclient, "x", np.full((1, 1), value, np.float32))], request_id=str(number),
                                  sequence_id=sequence, sequence_start=start, sequence_end=end)
        if end:
            del sums[sequence]
    of = {number: sequence for sequence, requests in expected.items() for number, _ in requests}
    got = {}
    for _ in range(600):
        result, error = answers.get(timeout=20)
        assert error is None, error
        number = result.get_response().id
        got.setdefault(of[number], []).append((number, result.as_numpy("y").item()))
    assert got == expected
    client.stop_stream()
    client.close()


# Decoupled steps


@pytest.fixture(scope="module")
def decoupled(tmp_path_factory):
    models = tmp_path_factory.mktemp("decoupled")
    (models / "repeat" / "1").mkdir(parents=True)
    (models / "repeat" / "config.pbtxt").write_text('backend: "repeat"')
    value, integer = onnx.helper.make_tensor_value_info, onnx.TensorProto.INT32
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Mul", ["A", "B"], ["C"])], "mul",
        [value("A", integer, [1]), value("B", integer, [1])], [value("C", integer, [1])])
    (models / "times" / "1").mkdir(parents=True)
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), models / "times" / "1" / "model.onnx")
    (models / "times" / "config.pbtxt").write_text("instance_group { kind: KIND_CPU count: 3 }")
    (models / "whole" / "1").mkdir(parents=True)
    (models / "whole" / "config.pbtxt").write_text("""
platform: "ensemble"
input [ { name: "IN" data_type: TYPE_INT32 dims: [ -1 ] }, { name: "DELAY" data_type: TYPE_UINT32 dims: [ -1 ] },
        { name: "WAIT" data_type: TYPE_UINT32 dims: [ 1 ] }, { name: "FACTOR" data_type: TYPE_INT32 dims: [ 1 ] } ]
output [ { name: "PRODUCT" data_type: TYPE_INT32 dims: [ 1 ] }, { name: "INDEX" data_type: TYPE_UINT32 dims: [ 1 ] } ]
ensemble_scheduling {
  max_inflight_requests: 4
  step [
    { model_name: "repeat" model_version: -1
      input_map [ { key: "IN" value: "IN" }, { key: "DELAY" value: "DELAY" }, { key: "WAIT" value: "WAIT" } ]
      output_map [ { key: "OUT" value: "each" }, { key: "IDX" value: "INDEX" } ] },
    { model_name: "times" model_version: -1
      input_map [ { key: "A" value: "each" }, { key: "B" value: "FACTOR" } ] output_map { key: "C" value: "PRODUCT" } } ] }
""")
    server = Server(models)
    yield server
    assert server.stop() in (0, 143, -15), "".join(server.log)


def whole_inputs(values, factor, delay=0, wait=0):
    made = []
    for name, data, datatype, dtype in (("IN", values, "INT32", np.int32), ("DELAY", [delay] * len(values), "UINT32", np.uint32),
                                        ("WAIT", [wait], "UINT32", np.uint32), ("FACTOR", [factor], "INT32", np.int32)):
        made.append(grpcclient.InferInput(name, [len(data)], datatype))
        made[-1].set_data_from_numpy(np.array(data, dtype))
    return made


def ask_whole(server, *requests, **options):
    answers = queue.Queue()
    client = grpcclient.InferenceServerClient(server.grpc)
    client.start_stream(lambda result, error: answers.put((result, error)))
    for number, inputs in enumerate(requests):
        client.async_stream_infer("whole", inputs, request_id=str(number), enable_empty_final_response=True, **options)
    return client, answers


def next_answer(answers):
    result, error = answers.get(timeout=30)
    if error is not None:
        raise error
    return result


def test_each_answer_of_a_decoupled_step_becomes_an_answer_of_the_ensemble(decoupled):
    values = list(range(-3, 297))
    client, answers = ask_whole(decoupled, whole_inputs(values, 7), whole_inputs([], 7), whole_inputs([5], -1))
    got, finals = {"0": [], "1": [], "2": []}, []
    while len(finals) < 3:
        result = next_answer(answers)
        response = result.get_response()
        if response.parameters["triton_final_response"].bool_param:
            assert not response.outputs
            finals.append(response.id)
        else:
            assert response.id not in finals and response.model_name == "whole"
            got[response.id].append((result.as_numpy("PRODUCT").tolist(), result.as_numpy("INDEX").tolist()))
    client.stop_stream()
    client.close()
    assert sorted(finals) == ["0", "1", "2"]
    assert got == {"0": [([7 * value], [index]) for index, value in enumerate(values)], "1": [], "2": [([-5], [0])]}


def test_a_decoupled_ensemble_says_so_and_counts_by_answer(decoupled):
    with httpclient.InferenceServerClient(decoupled.http) as client:
        assert client.get_model_config("whole")["model_transaction_policy"]["decoupled"] is True
        stats = client.get_inference_statistics("whole")["model_stats"][0]
        assert stats["inference_stats"]["success"]["count"] == 3
        assert stats["response_stats"]["0"]["success"]["count"] == 2
    with grpcclient.InferenceServerClient(decoupled.grpc) as client:
        with pytest.raises(InferenceServerException, match="doesn't support models with decoupled transaction policy"):
            client.infer("whole", whole_inputs([1], 1))


def test_cancelling_a_decoupled_ensemble_ends_its_steps(decoupled):
    hour = 3_600_000
    client, answers = ask_whole(decoupled, whole_inputs([1, 2], 3, delay=100, wait=hour), whole_inputs([1, 2], 3, delay=hour))
    assert next_answer(answers).as_numpy("PRODUCT").tolist() == [3]
    client.stop_stream(cancel_requests=True)
    client.close()

    def is_idle():
        with httpclient.InferenceServerClient(decoupled.http) as client:
            fail = client.get_inference_statistics("whole")["model_stats"][0]["inference_stats"]["fail"]
            return fail["count"] == 2

    wait_until(is_idle)
    client, answers = ask_whole(decoupled, whole_inputs([4], 5))
    assert next_answer(answers).as_numpy("PRODUCT").tolist() == [20]
    client.stop_stream()
    client.close()
