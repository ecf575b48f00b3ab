"""What the service answers over plain HTTP: generate, log and trace settings, and the edges of the protocol (specification sections 1, 7, 11)."""
import json
import socket
import urllib.error
import urllib.request

import numpy as np
import pytest
from google.protobuf import json_format
from tritonclient.utils import InferenceServerException

from conftest import EXAMPLES, Server, etalon, wait_until
from test_extensions import MODULES, answers, rows


def ask(server, path, body=None, headers=None, method=None):
    """Status, headers and text of an answer; a dictionary goes as JSON."""
    data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
    request = urllib.request.Request(f"http://{server.http}{path}", data, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def test_generate_answers_once_in_plain_json(examples_server):
    status, headers, text = ask(examples_server, "/v2/models/mlp/generate", {"id": "7", "x": rows(1)[0].tolist()})
    assert status == 200 and headers["content-type"] == "application/json"
    answer = json.loads(text)
    assert answer["id"] == "7" and answer["model_name"] == "mlp"
    np.testing.assert_allclose(answer["y"], answers(1)[0, 0], rtol=1e-4)


def test_generate_stream_answers_by_events(examples_server):
    status, headers, text = ask(examples_server, "/v2/models/mlp/generate_stream", {"x": rows(2).tolist()})
    assert status == 200 and headers["content-type"] == "text/event-stream; charset=utf-8"
    assert text.startswith("data: {") and text.endswith("}\n\n")
    np.testing.assert_allclose(json.loads(text[6:])["y"], answers(2)[:, 0], rtol=1e-4)


def test_generate_says_plainly_what_is_wrong(examples_server):
    status, _, text = ask(examples_server, "/v2/models/mlp/generate_stream", {"x": [1, 2]})
    assert status == 400 and "2 elements" in json.loads(text)["error"]
    assert ask(examples_server, "/v2/models/none/generate", {})[0] == 404


# Log and trace settings (section 7) --------------------------------------------------------------


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    """A server that may write traces, and where."""
    file = tmp_path_factory.mktemp("traces") / "trace.json"
    server = Server(EXAMPLES / "models", "--trace-config", f"triton,file={file}", "--log-verbose", "1",
                    "--log-format", "json", "--http-header-forward-pattern", "^x-")
    yield server, file
    server.stop()


@pytest.fixture(params=["grpc", "http"])
def traced_client(request, traced):
    server, file = traced
    made = MODULES[request.param].InferenceServerClient(getattr(server, request.param))
    yield MODULES[request.param], made, server, file
    made.update_trace_settings(settings={"trace_level": None, "trace_rate": None})
    made.close()


def as_json(answer):
    return answer if isinstance(answer, dict) else json.loads(json_format.MessageToJson(answer, preserving_proto_field_name=True))


def trace_values(answer):
    """Settings of either client by name, each a list."""
    if isinstance(answer, dict):
        return {name: value if isinstance(value, list) else [value] for name, value in answer.items()}
    return {name: list(value.value) for name, value in answer.settings.items()}


def test_log_settings_change_over_both_protocols(traced_client):
    module, client, _, _ = traced_client
    changed = as_json(client.update_log_settings({"log_verbose_level": 1, "log_info": True}))
    text = json.dumps(changed)
    assert "log_verbose_level" in text and "log_format" in text
    with pytest.raises(InferenceServerException, match="--log-file"):
        client.update_log_settings({"log_file": "/tmp/elsewhere"})
    assert json.dumps(as_json(client.get_log_settings())) == text


def test_trace_settings_change_for_one_model_and_are_cleared(traced_client):
    module, client, _, file = traced_client
    assert trace_values(client.get_trace_settings())["trace_file"] == [str(file)]
    own = trace_values(client.update_trace_settings("mlp", {"trace_rate": "7", "trace_level": ["TIMESTAMPS"]}))
    assert own["trace_rate"] == ["7"] and own["trace_level"] == ["TIMESTAMPS"]
    assert trace_values(client.get_trace_settings())["trace_rate"] == ["1000"]
    cleared = trace_values(client.update_trace_settings("mlp", {"trace_rate": None, "trace_level": None}))
    assert cleared["trace_rate"] == ["1000"] and cleared["trace_level"] == ["OFF"]
    with pytest.raises(InferenceServerException, match="Request for unknown model : none"):
        client.get_trace_settings("none")
    with pytest.raises(InferenceServerException, match="trace_rate '0'"):
        client.update_trace_settings(settings={"trace_rate": "0"})


def test_a_traced_request_is_in_the_file_by_its_id(traced_client):
    module, client, server, file = traced_client
    client.update_trace_settings(settings={"trace_level": ["TIMESTAMPS"], "trace_rate": "1"})
    tensor = module.InferInput("x", [1, 64], "FP32")
    tensor.set_data_from_numpy(rows(1))
    name = module.__name__
    client.infer("mlp", [tensor], request_id=name)

    def moments():
        if not file.exists():
            return []
        objects = json.loads(file.read_text())
        ids = [each["id"] for each in objects if each.get("request_id") == name]
        return [stamp["name"] for each in objects if each["id"] in ids for stamp in each.get("timestamps", [])]

    wait_until(lambda: "COMPUTE_END" in moments())
    received = "HTTP_RECV" if "http" in name else "GRPC_WAITREAD"
    assert moments()[:2] == [f"{received}_START", f"{received}_END"]
    wait_until(lambda: any(f'"request_id":"{name}"' in line for line in server.log))


# The edges of HTTP (section 1) -------------------------------------------------------------------


@pytest.mark.parametrize("method,path,status", [
    ("GET", "/v2/", 200), ("GET", "/v2", 200), ("HEAD", "/v2/health/ready", 200), ("PUT", "/v2/health/live", 405),
    ("GET", "/v2/models/mlp/infer", 405), ("POST", "/v2/models/mlp", 405), ("GET", "/v2/models/m%6Cp", 200),
    ("GET", "/v2/models/none/ready", 400), ("GET", "/v2/models/no%2Fslash", 404), ("GET", "/v2/models/%zz", 400),
    ("GET", "/v3", 404), ("POST", "/v2/repository/index", 200),
])
def test_paths_and_methods_answer_as_they_should(examples_server, method, path, status):
    body = b"" if method == "POST" else None
    assert ask(examples_server, path, body, method=method)[0] == status


def raw(server, text):
    with socket.create_connection(("127.0.0.1", server.http_port), timeout=60) as connection:
        connection.sendall(text)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def test_a_chunked_body_and_one_that_waits_to_be_asked_for_are_taken(examples_server):
    body = json.dumps({"x": rows(1)[0].tolist()}).encode()
    head = b"POST /v2/models/mlp/generate HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    half = len(body) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:])) + b"0\r\n\r\n"
    assert b" 200 " in raw(examples_server, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks).split(b"\r\n")[0]
    with socket.create_connection(("127.0.0.1", examples_server.http_port), timeout=60) as connection:
        connection.sendall(head + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        assert connection.recv(4096).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_what_is_too_long_or_too_deep_is_refused(examples_server):
    long = b"GET /v2 HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n"
    assert b" 431 " in raw(examples_server, long).split(b"\r\n")[0]
    status, _, text = ask(examples_server, "/v2/models/mlp/infer", b'{"inputs":' + b"[" * 10_000)
    assert status == 400 and "error" in json.loads(text)


def test_stats_of_a_server_are_a_table(examples_server):
    table = etalon("models", "stats", "--url", f"grpc://{examples_server.grpc}", "--metrics-url", examples_server.metrics,
                   "--interval", "0").stdout.splitlines()
    assert table[0].split()[:3] == ["model", "version", "requests"] and any(line.startswith("mlp") for line in table[1:])
