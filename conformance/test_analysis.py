"""The analyses on real and simulated strain, and every frame file's channels by checksum."""
import csv
import hashlib
import json
import os
import subprocess

import numpy as np
import pytest

from conftest import EXAMPLES, ETALON, etalon, needs_shared

GW150914 = 1126259462.4


def foreground(folder):
    with open(folder / "foreground.csv") as rows:
        return sorted(({k: v for k, v in row.items()} for row in csv.DictReader(rows)), key=lambda row: -float(row["detection_statistic"]))


def test_the_demo_finds_both_mergers_and_no_glitch(tmp_path):
    done = etalon("demo", "--output", tmp_path / "demo", timeout=180)
    truth = json.load(open(EXAMPLES / "strain/example.json"))
    loudest = foreground(tmp_path / "demo")[:2]
    for signal, row in zip(truth["signals"], sorted(loudest, key=lambda row: float(row["gps_time"]))):
        assert abs(float(row["gps_time"]) - np.mean(list(signal["coalescence_gps"].values()))) < 0.1
    for glitch in truth["glitches"]:
        assert all(abs(float(row["gps_time"]) - glitch["gps"]) > 0.5 for row in loudest)
    assert str(tmp_path / "demo" / "report.html") in done.stdout
    assert b"<img" in (tmp_path / "demo/report.html").read_bytes() or b"<svg" in (tmp_path / "demo/report.html").read_bytes()


@pytest.mark.parametrize("version", [1, 2])
def test_search_finds_gw150914_in_hdf5_and_gwf(tmp_path, version):
    h1 = needs_shared("data/H-H1_LOSC_4_V2-1126259446-32.hdf5")
    l1 = needs_shared("data/L-L1_LOSC_4_V2-1126259446-32.gwf")
    etalon("search", "--model", "bbh", "--model-version", version, "--model-repository", EXAMPLES / "models", "--strain", f"H1={h1}", "--strain", f"L1={l1}",
           "--output", tmp_path / "out", timeout=180)
    rows = foreground(tmp_path / "out")
    assert abs(float(rows[0]["gps_time"]) - GW150914) < 0.1
    run = json.load(open(tmp_path / "out/run.json"))
    assert float(rows[0]["detection_statistic"]) > run["loudest_background"]


def test_an_event_is_fetched_from_a_server_of_public_strain(tmp_path):
    data = needs_shared("data")
    libraries = ETALON.replace("etalon", "") + "cli/target/lib"
    jars = subprocess.run(["sh", "-c", "echo " + os.path.join(os.path.dirname(ETALON), "strain/target/etalon-strain-*-tests.jar")], capture_output=True, text=True).stdout.strip()
    if not os.path.exists(jars):
        pytest.skip("needs the strain module's test jar (mvn package builds it)")
    java = os.path.join(os.environ["JAVA_HOME"], "bin/java") if "JAVA_HOME" in os.environ else "java"
    standin = subprocess.Popen([java, "-cp", f"{jars}:{libraries}/*", "org.etalon.strain.opendata.testing.GwoscStandIn", str(data), "0"], stdout=subprocess.PIPE, text=True)
    try:
        url = standin.stdout.readline().strip().split()[-1]
        done = etalon("strain", "fetch", "GW150914", "--gwosc-url", url, "--cache", tmp_path / "cache")
        assert len(done.stdout.splitlines()) == 2
        etalon("search", "--event", "GW150914", "--gwosc-url", url, "--cache", tmp_path / "cache", "--model", "bbh", "--model-repository", EXAMPLES / "models", "--output", tmp_path / "out")
    finally:
        standin.kill()
    assert abs(float(foreground(tmp_path / "out")[0]["gps_time"]) - GW150914) < 0.1
    done = etalon("strain", "fetch", "GW170817", "--gwosc-url", "http://127.0.0.1:9", "--cache", tmp_path / "empty", check=False)
    assert done.returncode == 1 and "127.0.0.1" in done.stderr


def test_every_channel_of_every_frame_file_equals_its_reference(tmp_path):
    sidecars = sorted(needs_shared("data/gwf").glob("*.gwf.json")) + sorted(needs_shared("data").glob("*.gwf.json"))
    checked = 0
    for sidecar in sidecars:
        for expected in json.load(open(sidecar))["channels"]:
            name = expected["channel"]
            etalon("strain", "export", str(sidecar)[:-5], "--channel", name, "--output", tmp_path / "x.npy", "--force")
            x = np.load(tmp_path / "x.npy")
            assert hashlib.sha256(x.tobytes()).hexdigest() == expected["sha256_native_le"], (sidecar.name, name)
            checked += 1
    assert checked > 100


def test_a_missing_channel_is_answered_with_the_nearest(tmp_path):
    h1 = needs_shared("data/H-H1_LOSC_4_V2-1126259446-32.gwf")
    done = etalon("strain", "export", h1, "--channel", "H1:LOSC-STRAN", "--output", tmp_path / "x.npy", check=False)
    assert done.returncode == 1 and "LOSC-STRAIN" in done.stderr and list(tmp_path.iterdir()) == []
