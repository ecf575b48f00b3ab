"""Options of tritonserver: what scripts pass is taken, and does what it says."""
import json
import shutil
import urllib.error
import urllib.request

from conftest import EXAMPLES, free_ports


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def repository(folder):
    """A model that loads and one that does not."""
    shutil.copytree(EXAMPLES / "models" / "single", folder / "good")
    config = folder / "good" / "config.pbtxt"
    if config.exists():
        config.write_text(config.read_text().replace('"single"', '"good"'))
    (folder / "broken" / "1").mkdir(parents=True)
    (folder / "broken" / "1" / "model.onnx").write_bytes(b"not a network")
    return folder


def test_a_script_for_tritonserver_starts_the_server(serve, tmp_path):
    server = serve(
        repository(tmp_path), "--http-address=127.0.0.1", "--grpc-address", "127.0.0.1", "--metrics-address=127.0.0.1",
        "--id=cluster-7", "--strict-readiness=0", "--exit-on-error=false", "--allow-http=1", "--allow-cpu-metrics=0",
        "--http-thread-count=2", "--grpc-infer-thread-count=1", "--model-load-thread-count=1", "--http-max-input-size=1000",
        "--response-cache-byte-size=1000000", "--backend-config=tensorflow,version=2",
        "--backend-config=default-max-batch-size=4", "--pinned-memory-pool-byte-size=1", "--strict-model-config=false",
        "--backend-directory=/opt/tritonserver/backends", "--log-verbose=1", "--log-info=1", "--trace-rate=10")
    assert get(f"http://{server.http}/v2/health/ready")[0] == 200, "one model has failed, but readiness is not strict"
    assert get(f"http://{server.http}/v2/models/good/ready")[0] == 200
    assert get(f"http://{server.http}/v2/models/broken/ready")[0] == 400
    assert json.loads(get(f"http://{server.http}/v2")[1])["name"] == "cluster-7"
    assert b"nv_cpu" not in get(server.metrics)[1]
    log = "".join(server.log)
    assert "--pinned-memory-pool-byte-size has no effect" in log
    assert "--backend-directory has no effect" in log
    request = urllib.request.Request(f"http://{server.http}/v2/models/good/infer", data=b" " * 1001, method="POST")
    try:
        urllib.request.urlopen(request, timeout=20)
        raise AssertionError("a body above --http-max-input-size was taken")
    except urllib.error.HTTPError as error:
        assert error.code == 413


def test_readiness_is_strict_unless_told_otherwise(serve, tmp_path):
    server = serve(repository(tmp_path), "--exit-on-error=0")
    assert get(f"http://{server.http}/v2/health/ready")[0] == 400
    assert get(f"http://{server.http}/v2/health/live")[0] == 200


def test_a_front_that_is_not_allowed_does_not_listen(serve, tmp_path):
    ports = free_ports(3)
    server = serve(EXAMPLES / "models", "--allow-grpc=0", "--allow-metrics=false", ports=ports)
    assert get(f"http://{server.http}/v2/health/live")[0] == 200
    ready = next(line for line in server.log if "ready: " in line)
    assert str(ports[0]) in ready and str(ports[1]) not in ready and str(ports[2]) not in ready
