"""Decoupled models, with tritonclient and the backend `repeat` (specification sections 3 to 5)."""
import queue
import urllib.request

import numpy as np
import pytest
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from tritonclient.utils import InferenceServerException

from conftest import EXAMPLES, wait_until


def inputs(module, values, delays=None, wait=0):
    delays = [0] * len(values) if delays is None else delays
    made = []
    for name, data, datatype, dtype in (("IN", values, "INT32", np.int32), ("DELAY", delays, "UINT32", np.uint32),
                                        ("WAIT", [wait], "UINT32", np.uint32)):
        tensor = module.InferInput(name, [len(data)], datatype)
        tensor.set_data_from_numpy(np.array(data, dtype))
        made.append(tensor)
    return made


class Stream:
    """One ModelStreamInfer call."""

    def __init__(self, server):
        self.answers = queue.Queue()
        self.client = grpcclient.InferenceServerClient(server.grpc)
        self.client.start_stream(lambda result, error: self.answers.put((result, error)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.stop_stream(cancel_requests=True)
        self.client.close()

    def ask(self, values, **options):
        delays, wait = options.pop("delays", None), options.pop("wait", 0)
        self.client.async_stream_infer("repeat", inputs(grpcclient, values, delays, wait), **options)

    def next(self):
        result, error = self.answers.get(timeout=20)
        if error is not None:
            raise error
        return result


def is_final(result):
    return result.get_response().parameters["triton_final_response"].bool_param


@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_answers_once_for_each_element_and_then_says_so(examples_server, count):
    values = list(range(-5, count - 5))
    with Stream(examples_server) as stream:
        stream.ask(values, request_id="mine", enable_empty_final_response=True)
        for index, value in enumerate(values):
            result = stream.next()
            assert result.as_numpy("OUT").tolist() == [value] and result.as_numpy("IDX").tolist() == [index]
            assert result.get_response().id == "mine" and not is_final(result)
        last = stream.next()
        assert is_final(last) and not last.get_response().outputs


def test_says_nothing_at_the_end_unless_asked(examples_server):
    with Stream(examples_server) as stream:
        stream.ask([])
        stream.ask([3])
        assert stream.next().as_numpy("OUT").tolist() == [3]
        stream.ask([4])
        assert stream.next().as_numpy("OUT").tolist() == [4]
        assert stream.answers.empty()


def test_one_bad_request_leaves_the_stream_open(examples_server):
    with Stream(examples_server) as stream:
        stream.ask([1, 2], delays=[0])
        with pytest.raises(InferenceServerException, match="DELAY has 1 elements"):
            stream.next()
        stream.ask([5])
        assert stream.next().as_numpy("OUT").tolist() == [5]


def test_cancelling_ends_it_and_frees_its_instance(examples_server):
    hour = 3_600_000
    with Stream(examples_server) as stream:
        stream.ask([1, 2], delays=[0, hour], wait=hour)
        assert stream.next().as_numpy("OUT").tolist() == [1]
    with Stream(examples_server) as stream:
        stream.ask([7])
        assert stream.next().as_numpy("OUT").tolist() == [7]


def test_unary_calls_are_refused(examples_server):
    grpc = grpcclient.InferenceServerClient(examples_server.grpc)
    with pytest.raises(InferenceServerException) as caught:
        grpc.infer("repeat", inputs(grpcclient, [1]))
    assert caught.value.message() == "ModelInfer RPC doesn't support models with decoupled transaction policy"
    assert caught.value.status() == "StatusCode.UNIMPLEMENTED"
    http = httpclient.InferenceServerClient(examples_server.http)
    with pytest.raises(InferenceServerException) as caught:
        http.infer("repeat", inputs(httpclient, [1]))
    assert "HTTP end point doesn't support models with decoupled transaction policy" in caught.value.message()
    grpc.close()
    http.close()


def test_counts_answers_by_their_index(serve):
    server = serve(EXAMPLES / "models", "--model-control-mode", "explicit", "--load-model", "repeat",
                   "--metrics-config", "histogram_latencies=true")
    with Stream(server) as stream:
        for values in ([1, 2, 3], [1], []):
            stream.ask(values, enable_empty_final_response=True)
            while not is_final(stream.next()):
                pass
    client = httpclient.InferenceServerClient(server.http)

    def stats():
        return client.get_inference_statistics("repeat")["model_stats"][0]

    wait_until(lambda: stats()["inference_stats"]["success"]["count"] == 3)
    responses = stats()["response_stats"]
    assert [responses[index]["success"]["count"] for index in "012"] == [2, 1, 1] and len(responses) == 3
    metrics = urllib.request.urlopen(server.metrics).read().decode()
    assert 'nv_inference_first_response_histogram_ms_count{model="repeat",version="1"} 2' in metrics
    client.close()
