"""What the server tells of itself, read by the tools that operators use."""
import json
import urllib.request

import numpy as np
import tritonclient.grpc as grpcclient
from prometheus_client.parser import text_string_to_metric_families

from conftest import EXAMPLES, wait_until


def scrape(server):
    """The page by the official parser: {family: [sample]}, and which names were declared with which type."""
    with urllib.request.urlopen(server.metrics) as answer:
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        page = answer.read().decode()
    families = list(text_string_to_metric_families(page))
    samples = {}
    for family in families:
        for sample in family.samples:
            # Some versions of the parser put "_total" behind counters that the page names without.
            name = sample.name if sample.name in page else sample.name.removesuffix("_total")
            samples.setdefault(name, []).append(sample)
    return samples, {family.name: family.type for family in families}


def value(samples, name, **labels):
    found = [s.value for s in samples.get(name, []) if all(s.labels.get(k) == v for k, v in labels.items())]
    assert len(found) == 1, (name, labels, found)
    return found[0]


def ask(client, rows=1, model="mlp", request_id=""):
    x = np.zeros((rows, 64), np.float32)
    tensor = grpcclient.InferInput("x", list(x.shape), "FP32")
    tensor.set_data_from_numpy(x)
    return client.infer(model, [tensor], request_id=request_id)


def test_every_name_of_the_protocol_is_there_from_load_on(serve):
    server = serve(EXAMPLES / "models", "--metrics-config", "summary_latencies=true")
    samples, types = scrape(server)
    for name in ["request_success", "count", "exec_count", "request_duration_us", "queue_duration_us", "compute_input_duration_us",
                 "compute_infer_duration_us", "compute_output_duration_us"]:
        assert value(samples, f"nv_inference_{name}", model="mlp", version="1") == 0
        assert types[f"nv_inference_{name}"] == "counter"
    assert {s.labels["reason"] for s in samples["nv_inference_request_failure"] if s.labels["model"] == "mlp"} == {"REJECTED", "CANCELED", "BACKEND", "OTHER"}
    assert value(samples, "nv_inference_pending_request_count", model="mlp", version="1") == 0
    assert types["nv_inference_pending_request_count"] == "gauge"
    assert value(samples, "nv_model_load_duration_secs", model="mlp", version="1") > 0
    assert 0 <= value(samples, "nv_cpu_utilization") <= 1
    assert 0 < value(samples, "nv_cpu_memory_used_bytes") <= value(samples, "nv_cpu_memory_total_bytes")
    for stage in ["request", "queue", "compute_input", "compute_infer", "compute_output"]:
        assert types[f"nv_inference_{stage}_summary_us"] == "summary"
        assert types[f"etalon_inference_{stage}_seconds"] == "histogram"


def test_counts_of_a_model_add_up_in_every_form(serve):
    server = serve(EXAMPLES / "models", "--metrics-config", "summary_latencies=true", "--metrics-config", "summary_quantiles=0.5:0.05,0.99:0.001")
    client = grpcclient.InferenceServerClient(server.grpc)
    for rows in [1, 1, 2, 4]:
        ask(client, rows)
    wait_until(lambda: value(scrape(server)[0], "nv_inference_request_success", model="mlp", version="1") == 4)
    samples, _ = scrape(server)
    assert value(samples, "nv_inference_count", model="mlp", version="1") == 8
    assert value(samples, "nv_inference_exec_count", model="mlp", version="1") == 4
    whole = value(samples, "nv_inference_request_duration_us", model="mlp", version="1")
    for name in ["etalon_inference_request_seconds", "nv_inference_request_summary_us"]:
        assert value(samples, f"{name}_count", model="mlp", version="1") == 4
    assert abs(value(samples, "etalon_inference_request_seconds_sum", model="mlp", version="1") * 1e6 - whole) < 10
    buckets = [(float(s.labels["le"]), s.value) for s in samples["etalon_inference_request_seconds_bucket"] if s.labels["model"] == "mlp"]
    assert buckets == sorted(buckets) and [n for _, n in buckets] == sorted(n for _, n in buckets) and buckets[-1] == (float("inf"), 4)
    median = value(samples, "nv_inference_request_summary_us", model="mlp", version="1", quantile="0.5")
    assert 0 < median <= value(samples, "nv_inference_request_summary_us", model="mlp", version="1", quantile="0.99") < whole
    assert value(samples, "etalon_connections", protocol="grpc") == 1


def test_metrics_are_served_where_and_as_far_as_asked(serve):
    server = serve(EXAMPLES / "models", "--allow-cpu-metrics", "false", "--metrics-address", "127.0.0.2", "--metrics-config", "counter_latencies=false")
    server.metrics = server.metrics.replace("127.0.0.1", "127.0.0.2")
    samples, _ = scrape(server)
    assert "nv_cpu_utilization" not in samples and "nv_inference_request_duration_us" not in samples
    assert "nv_inference_request_success" in samples
