"""Versions are promoted, tried as canaries and taken back while real clients ask, and none of their requests is lost."""
import json
import shutil

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from conftest import EXAMPLES, etalon, wait_until
from test_lifecycle import Load

LIMITS = """
parameters { key: "promotion.max_shift" value { string_value: "%s" } }
parameters { key: "promotion.p99_ms" value { string_value: "10000" } }
"""


def copy(repository, versions, extra=""):
    """The example model `bbh` in these versions, of which the latest is served."""
    source, target = EXAMPLES / "models/bbh", repository / "bbh"
    target.mkdir(parents=True)
    config = (source / "config.pbtxt").read_text().replace("all { }", "latest { num_versions: 1 }")
    (target / "config.pbtxt").write_text(config + extra)
    shutil.copytree(source / "reference", target / "reference")
    for version in versions:
        shutil.copytree(source / str(version), target / str(version))
    return target


def records(repository):
    return [json.loads(line) for line in (repository / "promotions.jsonl").read_text().splitlines()]


def broken_beyond_its_reference(model):
    """Reproduces the reference, whose rows are few, but fails on requests of more than 60 rows."""
    network = onnx.load(model)
    graph = network.graph
    given = graph.input[0].name
    graph.initializer.extend([
        numpy_helper.from_array(np.array(0, np.int64), "etalon_first"),
        numpy_helper.from_array(np.arange(61, dtype=np.float32), "etalon_rows"),
        numpy_helper.from_array(np.array(0, np.float32), "etalon_nothing")])
    graph.node.insert(0, onnx.helper.make_node("Shape", [given], ["etalon_shape"]))
    graph.node.insert(1, onnx.helper.make_node("Gather", ["etalon_shape", "etalon_first"], ["etalon_count"]))
    graph.node.insert(2, onnx.helper.make_node("Gather", ["etalon_rows", "etalon_count"], ["etalon_picked"]))
    graph.node.insert(3, onnx.helper.make_node("Mul", ["etalon_picked", "etalon_nothing"], ["etalon_zero"]))
    output = graph.output[0].name
    for node in graph.node:
        for i, name in enumerate(node.output):
            if name == output:
                node.output[i] = "etalon_score"
    graph.node.append(onnx.helper.make_node("Add", ["etalon_score", "etalon_zero"], [output]))
    onnx.save(network, model)


def loaded(load):
    assert load.errors == [] and load.sent == load.answered == sum(load.versions.values())


@pytest.mark.parametrize("mode", ["poll", "explicit"])
def test_a_version_goes_live_under_load_by_way_of_a_canary(serve, tmp_path, mode):
    development, production = tmp_path / "development", tmp_path / "production"
    copy(development, [2])
    copy(production, [1], LIMITS % "1000")
    options = ["--repository-poll-secs", "1"] if mode == "poll" else ["--load-model", "bbh"]
    server = serve(production, "--model-control-mode", mode, *options)
    load = Load(server.grpc, "bbh", "strain", np.load(EXAMPLES / "models/bbh/reference/input.npy")[:1], 16)
    try:
        wait_until(lambda: load.versions.get("1", 0) > 100)
        done = etalon("models", "promote", "bbh", "--from", development, "--to", production, "--url",
                      f"grpc://{server.grpc}", "--share", "0.25", "--for", "3s")
        assert "bbh/2 promoted" in done.stdout, done.stdout + done.stderr
        first = load.versions["1"]
        seen = load.versions["2"]
        wait_until(lambda: load.versions["2"] > seen + 100)
        assert load.versions["1"] <= first + 16, "the old version has ended"
        if mode == "explicit":
            etalon("models", "rollback", "bbh", "--from", production, "--url", f"grpc://{server.grpc}")
            wait_until(lambda: load.versions["1"] > first + 100)
    finally:
        load.stop()
    loaded(load)
    assert not (production / "bbh/canary.properties").exists()
    assert records(production)[0]["outcome"] == "promoted"
    assert [check["passed"] for check in records(production)[0]["checks"]] == [True, True, True]


@pytest.mark.parametrize("mode", ["poll", "explicit"])
def test_a_version_that_errs_is_taken_back_and_nobody_notices(serve, tmp_path, mode):
    development, production = tmp_path / "development", tmp_path / "production"
    broken_beyond_its_reference(copy(development, [2]) / "2/model.onnx")
    copy(production, [1])
    options = ["--repository-poll-secs", "1"] if mode == "poll" else ["--load-model", "bbh"]
    server = serve(production, "--model-control-mode", mode, *options)
    rows = np.repeat(np.load(EXAMPLES / "models/bbh/reference/input.npy")[:1], 64, axis=0)
    load = Load(server.grpc, "bbh", "strain", rows, 4)
    try:
        wait_until(lambda: load.versions.get("1", 0) > 20)
        done = etalon("models", "promote", "bbh/2", "--from", development, "--to", production, "--url",
                      f"grpc://{server.grpc}", "--share", "0.5", "--for", "60s", check=False)
        assert done.returncode == 1 and "bbh/2 taken back: canary failed: errors: " in done.stderr, done.stderr
        seen = load.versions["1"]
        wait_until(lambda: load.versions["1"] > seen + 20)
    finally:
        load.stop()
    loaded(load)
    assert set(load.versions) == {"1"}
    assert not (production / "bbh/2").exists() and (production / "bbh/.withdrawn-2").exists()
    assert not (production / "bbh/canary.properties").exists()
    assert records(production)[-1]["outcome"] == "taken back" and "errors" in records(production)[-1]["reason"]


def test_what_does_not_pass_changes_nothing(tmp_path):
    development, production = tmp_path / "development", tmp_path / "production"
    copy(development, [2])
    copy(production, [1], LIMITS % "1e-9")
    before = sorted(production.rglob("*"))
    done = etalon("models", "promote", "bbh", "--from", development, "--to", production, check=False)
    assert done.returncode == 1 and "bbh/2 refused: score shift" in done.stderr, done.stderr
    shutil.copy(EXAMPLES / "models/bbh/1/model.onnx", development / "bbh/2/model.onnx")
    done = etalon("models", "promote", "bbh", "--from", development, "--to", production, check=False)
    assert done.returncode == 1 and "reference" in done.stderr, done.stderr
    assert [p for p in sorted(production.rglob("*")) if p.name != "promotions.jsonl"] == before
    assert [r["outcome"] for r in records(production)] == ["refused", "refused"]
    usage = etalon("models", "promote", "bbh", "--from", development, "--to", production, "--share", "2", check=False)
    assert usage.returncode == 2 and "--share" in usage.stderr
