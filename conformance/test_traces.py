"""Traces sent to a collector, read with OpenTelemetry's own messages (docs/observability.md)."""
import http.server
import threading

import numpy as np
import pytest
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse

from conftest import EXAMPLES, Server, wait_until

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def collector():
    """(url, [(resource, span)]) of a collector that keeps what it is sent."""
    spans = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            assert self.headers["Content-Type"] == "application/x-protobuf" and self.path == "/v1/traces"
            message = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
            for resource in message.resource_spans:
                spans.extend((resource.resource, span) for scope in resource.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", spans
    server.shutdown()


@pytest.fixture(scope="module")
def traced(collector):
    options = [f"mode=opentelemetry", "level=TIMESTAMPS", "rate=1000000", f"opentelemetry,url={collector[0]}", "opentelemetry,resource=service.name=checked",
               "opentelemetry,bsp_schedule_delay=50"]
    server = Server(EXAMPLES / "models", *[part for option in options for part in ("--trace-config", option)], "--model-control-mode", "explicit", "--load-model", "mlp")
    yield server, collector[1]
    server.stop()


@pytest.mark.parametrize("module,protocol", [(grpcclient, "grpc"), (httpclient, "http")])
def test_a_request_of_a_recorded_trace_becomes_part_of_it(traced, module, protocol):
    server, spans = traced
    del spans[:]
    client = module.InferenceServerClient(getattr(server, protocol))
    tensor = module.InferInput("x", [1, 64], "FP32")
    tensor.set_data_from_numpy(np.zeros((1, 64), np.float32))
    client.infer("mlp", [tensor], headers={"traceparent": PARENT}, request_id="seen")
    client.close()

    def ours():
        return {span.name: span for _, span in spans if span.trace_id.hex() == PARENT[3:35]}

    wait_until(lambda: {"InferRequest", "queue", "compute"} <= set(ours()))
    found = ours()
    root = found["InferRequest"]
    assert root.parent_span_id.hex() == PARENT[36:52] and len(root.span_id) == 8 and root.span_id != root.parent_span_id
    for name in ("queue", "compute"):
        assert found[name].parent_span_id == root.span_id
        assert root.start_time_unix_nano <= found[name].start_time_unix_nano <= found[name].end_time_unix_nano <= root.end_time_unix_nano
    assert found["queue"].end_time_unix_nano <= found["compute"].start_time_unix_nano
    resource = {attribute.key: attribute.value.string_value for attribute in spans[0][0].attributes}
    assert resource["service.name"] == "checked"
    texts = {attribute.value.string_value for attribute in root.attributes}
    assert {"mlp", "seen"} <= texts
