"""Queue policies, the response cache and sequences, with tritonclient and models of ONNX (specification sections 4, 5, 10, 13)."""
import queue
import socket
import time
import urllib.request

import numpy as np
import pytest
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from tritonclient.utils import InferenceServerException

import scheduled_models
from conftest import Server, wait_until

TRIAL = 2000  # products of matrices
BUSY_SECONDS = 2.5  # long enough for what a test does meanwhile, on any machine


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    models = tmp_path_factory.mktemp("scheduled")
    one = "instance_group { kind: KIND_CPU }\n"
    scheduled_models.slow(models / "plain", one)
    scheduled_models.slow(models / "levels", one + """
dynamic_batching {
  priority_levels: 2 default_priority_level: 2
  default_queue_policy { max_queue_size: 2 allow_timeout_override: true }
  priority_queue_policy { key: 1 value: { max_queue_size: 1 } }
}""")
    scheduled_models.slow(models / "cached", one + "response_cache { enable: true }")
    scheduled_models.adder(models / "direct", "direct { }", "max_sequence_idle_microseconds: 400000")
    scheduled_models.adder(
        models / "oldest", "oldest { max_candidate_sequences: 4 preferred_batch_size: [ 4 ] }", "max_sequence_idle_microseconds: 60000000", start=100)
    scheduled_models.adder(models / "texts", "direct { }", text_ids=True)
    server = Server(models, "--cache-config", "local,size=1048576", "--exit-timeout-secs", "10")
    yield server
    began = time.monotonic()
    assert server.stop() in (0, 143, -15), "".join(server.log)
    assert time.monotonic() - began < 8, "live sequences hold nothing up"


@pytest.fixture(scope="module")
def long(server):
    """Products of matrices that keep an instance busy for a while here."""
    with grpcclient.InferenceServerClient(server.grpc) as client:
        client.infer("plain", count_input(TRIAL))
        began = time.monotonic()
        client.infer("plain", count_input(TRIAL))
        return int(TRIAL * BUSY_SECONDS / (time.monotonic() - began))


@pytest.fixture
def client(server):
    made = grpcclient.InferenceServerClient(server.grpc)
    yield made
    made.close()


def count_input(count, module=grpcclient):
    tensor = module.InferInput("IN", [1], "INT64")
    tensor.set_data_from_numpy(np.array([count], np.int64))
    return [tensor]


def statistics(client, model):
    return client.get_inference_statistics(model, as_json=True)["model_stats"][0]["inference_stats"]


class Askers:
    """Requests under way, and their answers in the order in which they come."""

    def __init__(self, client, model):
        self.client, self.model, self.answers = client, model, queue.Queue()

    def ask(self, name, count=1, **options):
        return self.client.async_infer(
            self.model, count_input(count), lambda result, error: self.answers.put((name, error)), **options)

    def take(self):
        return self.answers.get(timeout=20)


def busy(server, askers, model, long):
    """Has the model's one instance run for a while."""
    askers.ask("running", long)
    wait_until(lambda: pending(server, model) == 0 and executing(server, model))
    return askers


def metric(server, name):
    with urllib.request.urlopen(server.metrics, timeout=10) as page:
        for line in page.read().decode().splitlines():
            if line.startswith(name):
                yield line.rsplit(" ", 1)


def pending(server, model):
    return sum(float(value) for name, value in metric(server, "nv_inference_pending_request_count") if f'model="{model}"' in name)


def executing(server, model):
    time.sleep(0.05)  # the request has come and gone to the instance, or has not come
    return True


def test_higher_levels_go_first_and_each_has_its_bound(server, client, long):
    askers = busy(server, Askers(client, "levels"), "levels", long)
    askers.ask("low 1")
    wait_until(lambda: pending(server, "levels") == 1)
    askers.ask("low 2", priority=7)
    wait_until(lambda: pending(server, "levels") == 2)
    askers.ask("high", priority=1)
    wait_until(lambda: pending(server, "levels") == 3)
    for options in ({}, {"priority": 1}):
        with pytest.raises(InferenceServerException, match="Exceeds maximum queue size") as refused:
            client.infer("levels", count_input(1), **options)
        assert "UNAVAILABLE" in refused.value.status()
    order = [askers.take() for _ in range(4)]
    assert [name for name, _ in order] == ["running", "high", "low 1", "low 2"]
    assert not any(error for _, error in order)


def test_a_request_is_refused_when_its_time_is_up_while_the_instance_is_busy(server, client, long):
    askers = busy(server, Askers(client, "levels"), "levels", long)
    began = time.monotonic()
    with pytest.raises(InferenceServerException, match="Request timeout expired") as refused:
        client.infer("levels", count_input(1), timeout=60)
    assert "UNAVAILABLE" in refused.value.status()
    assert askers.answers.empty(), "the instance was busy all the time"
    assert time.monotonic() - began < 1
    with httpclient.InferenceServerClient(server.http) as http:
        with pytest.raises(InferenceServerException, match="Request timeout expired|503"):
            http.infer("levels", count_input(1, httpclient), timeout=60)
    assert askers.take()[1] is None
    client.infer("plain", count_input(1), timeout=60, priority=3)  # as hermes asks: without meaning here


def test_requests_whose_client_has_gone_never_run(server, client, long):
    askers = busy(server, Askers(client, "plain"), "plain", long)
    runs = statistics(client, "plain")["success"].get("count", 0)
    cancelled = askers.ask("cancelled", long)
    wait_until(lambda: pending(server, "plain") == 1)
    cancelled.cancel()
    wait_until(lambda: pending(server, "plain") == 0)
    with pytest.raises(InferenceServerException, match="(?i)deadline"):
        client.infer("plain", count_input(long), client_timeout=0.02)
    wait_until(lambda: pending(server, "plain") == 0)
    body = b'{"inputs":[{"name":"IN","datatype":"INT64","shape":[1],"data":[%d]}]}' % long
    with socket.create_connection(("127.0.0.1", server.http_port)) as gone:
        gone.sendall(b"POST /v2/models/plain/infer HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        wait_until(lambda: pending(server, "plain") == 1)
    wait_until(lambda: pending(server, "plain") == 0)
    names = {askers.take()[0] for _ in range(2)}
    assert names == {"running", "cancelled"}
    client.infer("plain", count_input(1))
    wait_until(lambda: int(statistics(client, "plain")["success"]["count"]) == int(runs) + 2)


def test_the_same_request_is_answered_from_the_cache(server, client):
    for count in (3, 3, 4, 3):
        assert client.infer("cached", count_input(count)).as_numpy("OUT").tolist() == [count]
    with httpclient.InferenceServerClient(server.http) as http:
        assert http.infer("cached", count_input(3, httpclient)).as_numpy("OUT").tolist() == [3]
        stats = http.get_inference_statistics("cached")["model_stats"][0]
    assert stats["inference_stats"]["cache_hit"]["count"] == 3
    assert stats["inference_stats"]["cache_miss"]["count"] == 2
    assert stats["inference_stats"]["success"]["count"] == 5 and stats["inference_count"] == 2
    assert {value for _, value in metric(server, "nv_cache_num_hits_per_model{")} == {"3"}


def test_batches_are_counted_by_the_reason_for_which_they_were_closed(server, client):
    client.infer("plain", count_input(1))
    lines = [name for name, _ in metric(server, "etalon_inference_batch_size_count")]
    assert any('model="plain",reason="alone"' in line for line in lines)


def number(value):
    tensor = grpcclient.InferInput("IN", [1, 1], "FP32")
    tensor.set_data_from_numpy(np.array([[value]], np.float32))
    return [tensor]


def step(client, model, sequence, value, start=False, end=False):
    return client.infer(model, number(value), sequence_id=sequence, sequence_start=start, sequence_end=end)


@pytest.mark.parametrize("model, initial", [("direct", 0), ("oldest", 100)])
def test_sequences_keep_their_own_state_and_see_their_controls(client, model, initial):
    sums = {sequence: float(initial) for sequence in (11, 12, 13)}
    for turn in range(4):
        for sequence in sums:
            sums[sequence] += sequence + turn
            got = step(client, model, sequence, sequence + turn, turn == 0, turn == 3)
            assert got.as_numpy("SUM").tolist() == [[sums[sequence]]]
            assert got.as_numpy("ID").tolist() == [[sequence]]
            assert got.as_numpy("FLAGS").tolist() == [[float(turn == 0), 1.0, float(turn == 3)]]
    got = step(client, model, 11, 5, start=True, end=True)
    assert got.as_numpy("SUM").tolist() == [[initial + 5.0]]


def test_texts_are_correlation_ids_too(client):
    for turn, total in enumerate((1, 3, 6)):
        got = step(client, "texts", "stream-H1", turn + 1, turn == 0, turn == 2)
        assert got.as_numpy("SUM").tolist() == [[float(total)]]
        assert got.as_numpy("ID").tolist() == [[b"stream-H1"]]


def test_what_is_no_part_of_a_sequence_is_refused(client):
    with pytest.raises(InferenceServerException, match="must specify a non-zero or non-empty correlation ID"):
        client.infer("direct", number(1))
    with pytest.raises(InferenceServerException, match="inference request for sequence 999 to model 'direct' must specify the START flag"):
        step(client, "direct", 999, 1)
    tensor = grpcclient.InferInput("IN", [2, 1], "FP32")
    tensor.set_data_from_numpy(np.zeros((2, 1), np.float32))
    with pytest.raises(InferenceServerException, match="must specify batch-size 1 due to requirements of sequence batcher"):
        client.infer("direct", [tensor], sequence_id=5, sequence_start=True)


def test_an_idle_sequence_is_over_and_its_slot_is_anothers(client):
    for sequence in range(1, 9):
        step(client, "direct", sequence, 1, start=True)
    assert step(client, "direct", 9, 3, start=True, end=True).as_numpy("SUM").tolist() == [[3.0]]
    time.sleep(0.5)
    with pytest.raises(InferenceServerException, match="must specify the START flag"):
        step(client, "direct", 1, 1)


def test_a_sequence_that_waits_for_a_slot_is_refused_when_its_time_is_up(server, client):
    for sequence in range(21, 25):
        step(client, "oldest", sequence, 1, start=True)
    with pytest.raises(InferenceServerException, match="timeout of the corresponding sequence has been expired"):
        client.infer("oldest", number(1), sequence_id=25, sequence_start=True, timeout=60)
    with pytest.raises(InferenceServerException, match="(?i)deadline"):
        client.infer("oldest", number(1), sequence_id=26, sequence_start=True, client_timeout=0.1)
    wait_until(lambda: pending(server, "oldest") == 0)
    for sequence in range(21, 25):
        got = client.infer("oldest", number(1), sequence_id=sequence, sequence_end=True, timeout=60)
        assert got.as_numpy("SUM").tolist() == [[102.0]]


def test_live_sequences_do_not_hold_up_the_end(client):
    step(client, "oldest", 77, 1, start=True)  # never ended: the server's own end says the rest


# Rate limiter


def sharing(count, priority=1):
    return f"""instance_group {{ kind: KIND_CPU rate_limiter {{
  resources {{ name: "R" global: true count: {count} }} priority: {priority} }} }}
"""


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    models = tmp_path_factory.mktemp("limited")
    for name, priority in (("often", 1), ("seldom", 3)):
        scheduled_models.slow(models / name, sharing(2, priority))
    scheduled_models.slow(models / "greedy", sharing(3))
    for name in ("first", "second"):
        (models / name / "1").mkdir(parents=True)
        (models / name / "config.pbtxt").write_text('backend: "repeat"\n' + sharing(2))
    server = Server(models, "--rate-limit", "execution_count", "--rate-limit-resource", "R:2", "--exit-on-error", "false")
    yield server
    assert server.stop() in (0, 143, -15), "".join(server.log)


def test_models_that_share_a_resource_run_in_proportion_to_their_priorities(limited):
    answers = queue.Queue()
    with grpcclient.InferenceServerClient(limited.grpc) as client:
        for name in ("often", "seldom"):
            client.infer(name, count_input(1))
        for _ in range(120):
            for name in ("often", "seldom"):
                client.async_infer(name, count_input(20), lambda result, error, name=name: answers.put((name, error)))
        order = [answers.get(timeout=60) for _ in range(240)]
    assert not any(error for _, error in order)
    names = [name for name, _ in order]
    half = names[20:120]  # while both have work
    assert 65 <= half.count("often") <= 85, "three of four"


def test_a_decoupled_model_holds_its_resources_until_its_last_answer(limited):
    answers = queue.Queue()
    clients = [grpcclient.InferenceServerClient(limited.grpc) for _ in range(2)]
    for client, name in zip(clients, ("first", "second")):
        client.start_stream(lambda result, error, name=name: answers.put((name, error)))
        client.async_stream_infer(name, repeat_inputs([1, 2, 3, 4], delay=20))
    order = [answers.get(timeout=20) for _ in range(8)]
    for client in clients:
        client.stop_stream()
        client.close()
    assert not any(error for _, error in order)
    names = [name for name, _ in order]
    assert names in (["first"] * 4 + ["second"] * 4, ["second"] * 4 + ["first"] * 4)


def repeat_inputs(values, delay):
    made = []
    for name, data, datatype, dtype in (("IN", values, "INT32", np.int32), ("DELAY", [delay] * len(values), "UINT32", np.uint32),
                                        ("WAIT", [0], "UINT32", np.uint32)):
        tensor = grpcclient.InferInput(name, [len(data)], datatype)
        tensor.set_data_from_numpy(np.array(data, dtype))
        made.append(tensor)
    return made


def test_an_instance_that_could_never_run_is_refused_at_load(limited):
    with httpclient.InferenceServerClient(limited.http) as client:
        reasons = {entry["name"]: entry.get("reason", "") for entry in client.get_model_repository_index()}
    assert 'Resource count for "R" is limited to 2' in reasons["greedy"]
    assert "the minimum required count is 3" in reasons["greedy"]
