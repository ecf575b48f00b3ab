"""`etalon denoise` with the network `deepclean`: equal sample by sample to the same done with NumPy and SciPy, live as offline, and as good as the network is."""
import json
import os
import subprocess
import sys
import threading

import gwframe
import h5py
import numpy as np
import pytest
from scipy import signal

from conftest import ETALON, SHARED, etalon, needs_shared

RATE, KERNEL, STRIDE, START = 4096, 8192, 1024, 1262304000
STRAIN, UNIT = "H1:GDS-CALIB_STRAIN", 1e-21


def channel_names():
    with h5py.File(needs_shared("data/deepclean/sim-seed7-1262304000-32.hdf5")) as file:
        return [str(name) for name in file.attrs["channels"].astype(str)]


def denoise(tmp_path, name, *options):
    done = etalon("denoise", "--model", "deepclean", "--model-repository", needs_shared("models/repository"), "--witness-channels", ",".join(channel_names()),
                  "--output", tmp_path / name, "--json", *options, timeout=100)
    return json.loads(done.stdout.splitlines()[-1]), cleaned(tmp_path / name)


def cleaned(folder):
    frames = sorted((folder / "frames").glob("*.gwf"))
    starts = [int(frame.name.split("-")[-2]) for frame in frames]
    ends = [start + int(frame.stem.split("-")[-1]) for start, frame in zip(starts, frames)]
    assert starts[1:] == ends[:-1]
    return np.concatenate([gwframe.read(str(frame), STRAIN + "_CLEAN").array for frame in frames])


def network(tmp_path, witness):
    """The network's outputs for kernels that begin a stride apart."""
    starts = range(0, witness.shape[1] - KERNEL + 1, STRIDE)
    np.save(tmp_path / "kernels.npy", np.stack([witness[:, start:start + KERNEL] for start in starts]))
    etalon("infer", "--model", "deepclean", "--model-repository", needs_shared("models/repository"), "--batch-size", 4, "--input", tmp_path / "kernels.npy",
           "--output", tmp_path / "outputs.npy", "--force")
    return np.load(tmp_path / "outputs.npy")


def expected(strain, outputs, latency_seconds):
    """What the documentation says is done: outputs averaged, confined to the band by a filter run both ways and cut to a second, subtracted."""
    kept = int(min(latency_seconds * RATE, KERNEL - STRIDE)) + STRIDE  # of an output: what is not yet given when it comes
    total, count = np.zeros(strain.size), np.zeros(strain.size)
    for i, output in enumerate(outputs):
        end = i * STRIDE + KERNEL
        total[end - kept:end] += output[-kept:]
        count[end - kept:end] += 1
    half = RATE // 2
    impulse = np.zeros(16 * RATE)
    impulse[8 * RATE] = 1
    response = signal.sosfiltfilt(signal.butter(6, [50, 70], "bandpass", fs=RATE, output="sos"), impulse)[8 * RATE - half:8 * RATE + half + 1]
    return strain - UNIT * signal.fftconvolve(total / np.maximum(count, 1), response, "same")


def ratios(raw, clean):
    """As the table in ../shared/models/README.md has them."""
    middle = slice(2 * RATE, -2 * RATE)
    frequency, before = signal.welch(raw[middle] * 2.0**66, RATE, nperseg=8 * RATE, average="median")
    _, after = signal.welch(clean[middle] * 2.0**66, RATE, nperseg=8 * RATE, average="median")
    ratio, band = np.sqrt(after / before), (frequency >= 58) & (frequency <= 62)
    outside = ((frequency >= 20) & (frequency <= 45)) | ((frequency >= 75) & (frequency <= 1500))
    return np.sqrt(after[band].sum() / before[band].sum()), ratio[np.argmin(abs(frequency - 60))], ratio[band].mean(), ratio[outside].min(), ratio[outside].max()


def simulated_here(tmp_path):
    """32 s of a seed that nobody has seen, in files of a second."""
    etalon("simulate", "--output", tmp_path / "data", "--seconds", 32, "--seed", 20261125, "--detectors", "H1", "--witnesses", "H1", "--file-seconds", 1)
    strain = [gwframe.read(str(f), STRAIN).array for f in sorted((tmp_path / "data").glob("*HOFT*"))]
    witness = [gwframe.read(str(f), None) for f in sorted((tmp_path / "data").glob("*WITNESS*"))]
    return np.concatenate(strain), np.stack([np.concatenate([frame[name].array for frame in witness]) for name in channel_names()])


def test_the_archive_and_live_strain_are_cleaned_as_scipy_does_it_sample_by_sample(tmp_path):
    strain, witness = simulated_here(tmp_path)
    outputs = network(tmp_path, witness)
    _, offline = denoise(tmp_path, "offline", "--strain", tmp_path / "data")
    _, late = denoise(tmp_path, "late", "--strain", tmp_path / "data", "--aggregation-latency", 0.75, "--frame-seconds", 1)
    folder = tmp_path / "live-data"
    folder.mkdir()
    appear = threading.Thread(target=lambda: [os.rename(file, folder / file.name) for file in sorted((tmp_path / "data").glob("*.gwf"), key=lambda f: f.name.split("-")[-2])])
    appear.start()
    printed, live = denoise(tmp_path, "live", "--follow", folder, "--channel", STRAIN, "--until", START + 32)
    appear.join()
    assert printed["cleaned_seconds"] == 32
    line = np.abs(offline - strain)[2 * RATE:-2 * RATE].max()
    assert 5e-23 < line < 1e-21
    # The network's float32 outputs, added in another order.
    assert np.abs(offline - expected(strain, outputs, np.inf)).max() < 1e-6 * line
    assert np.abs(late - expected(strain, outputs, 0.75)).max() < 1e-6 * line
    assert live.tobytes() == late.tobytes()
    assert [f.read_bytes() for f in sorted((tmp_path / "live/frames").iterdir())] == [f.read_bytes() for f in sorted((tmp_path / "late/frames").iterdir())]


@pytest.mark.parametrize("latency, table", [(None, (0.098, 0.0240, 0.219)), (0.75, (0.098, 0.0240, 0.219))])
def test_the_line_is_left_as_the_table_of_the_network_says(tmp_path, latency, table):
    """64 s of the seed that the network's own table was made with."""
    data = tmp_path / "seed9001.hdf5"
    subprocess.run([sys.executable, needs_shared("models/training/simulate.py"), "--seconds", "64", "--seed", "9001", "--out", data], check=True, timeout=200)
    with h5py.File(data) as file:
        raw = file[STRAIN][:]
    printed, clean = denoise(tmp_path, "out", "--strain", data, *(["--aggregation-latency", latency] if latency else []))
    rms, centre, mean, least, most = ratios(raw, clean)
    assert (rms, centre, mean) == pytest.approx(table, rel=0.02)
    assert least > 0.995 and most < 1.005
    assert printed["mean_asd_ratio"] == pytest.approx(mean, rel=0.02)
