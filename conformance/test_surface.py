"""What the service answers over plain HTTP: generate, log and trace settings, and the edges of the protocol (specification sections 1, 7, 11)."""
import json
import urllib.error
import urllib.request

import numpy as np

from test_extensions import answers, rows


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
