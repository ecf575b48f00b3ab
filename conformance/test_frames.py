"""Frames that the commands write, read back with frameCPP (by gwframe): channels, times, rates, units, every value and every checksum."""
import json

import gwframe
import h5py
import numpy as np
import pytest

from conftest import etalon, needs_shared

START, RATE = 1_300_000_000, 256
TYPES = ["int16", "int32", "int64", "uint16", "uint32", "uint64", "float32", "float64", "complex64", "complex128"]
STRAIN = "H1:GDS-CALIB_STRAIN"


def made_for(kind, dtype, second):
    """A second of a channel: small steps, large values, and where there are such, fractions and both parts."""
    generator = np.random.default_rng([second, *kind.encode(), *dtype.encode()])
    walk = generator.integers(-50, 60, RATE).cumsum()
    if "complex" in dtype:
        return (1e-21 * walk + 1j * generator.standard_normal(RATE)).astype(dtype)
    return (1e-21 * walk if "float" in dtype else np.abs(walk) + second).astype(dtype)


def write_every_type(path):
    with gwframe.FrameWriter(str(path), compression=gwframe.types.Compression.RAW) as writer:
        for second in range(3):
            frame = gwframe.Frame(start=START + second, duration=1, name="H1", run=0)
            for kind in ("proc", "adc", "sim"):
                for dtype in TYPES if kind == "proc" else ["int16", "int32", "float32", "float64"]:
                    frame.add_channel(f"H1:{kind}-{dtype}".upper(), made_for(kind, dtype, second), sample_rate=RATE, unit="m/s", channel_type=kind)
            writer.write_frame(frame)


def series(path):
    """Each frame's channels by name, every checksum of the file checked."""
    count = gwframe.inspect.get_info(str(path)).num_frames
    return [gwframe.read(str(path), None, frame_index=i, validate_checksum=True) for i in range(count)]


def assert_joined(written, original):
    """One frame with the channels of several that follow each other."""
    (joined,) = written
    assert sorted(joined) == sorted(original[0])
    for name, first in original[0].items():
        got = joined[name]
        assert (got.start, got.dt, got.sample_rate, got.unit, got.type) == (first.start, first.dt, first.sample_rate, first.unit, first.type), name
        values = np.concatenate([frame[name].array for frame in original])
        assert got.duration == len(original) and got.array.dtype == values.dtype and got.array.tobytes() == values.tobytes(), name


@pytest.mark.parametrize("packing", ["RAW", "GZIP", "ZERO_SUPPRESS"])
def test_converted_frames_have_every_channel_kind_datatype_and_value(tmp_path, packing):
    write_every_type(tmp_path / "original.gwf")
    etalon("strain", "convert", tmp_path / "original.gwf", tmp_path / "converted.gwf", "--packing", packing)
    original = series(tmp_path / "original.gwf")
    assert len(original) == 3 and len(original[0]) == len(TYPES) + 8
    assert_joined(series(tmp_path / "converted.gwf"), original)


def test_hdf5_becomes_frames_and_frames_hdf5_with_nothing_lost(tmp_path):
    write_every_type(tmp_path / "original.gwf")
    chosen = [option for kind in ("PROC-FLOAT64", "PROC-FLOAT32", "PROC-INT32") for option in ("--channel", f"H1:{kind}")]
    etalon("strain", "convert", tmp_path / "original.gwf", tmp_path / "through.hdf5", *chosen)
    etalon("strain", "convert", tmp_path / "through.hdf5", tmp_path / "back.gwf")
    names = [name for name in chosen if name.startswith("H1:")]
    original = [{name: frame[name] for name in names} for frame in series(tmp_path / "original.gwf")]
    assert_joined(series(tmp_path / "back.gwf"), original)


def test_simulated_frames_are_what_the_library_of_the_detectors_reads(tmp_path):
    etalon("simulate", "--output", tmp_path / "sim", "--seconds", 16, "--file-seconds", 8, "--witnesses", "H1", "--detectors", "H1", "--sample-rate", 1024)
    files = sorted((tmp_path / "sim").glob("*.gwf"))
    assert [f.name for f in files] == [f"H-H1_{what}-{1262304000 + start}-8.gwf" for what in ("HOFT", "WITNESS") for start in (0, 8)]
    for file in files:
        (frame,) = series(file)
        for name, channel in frame.items():
            assert (channel.start, channel.duration, channel.sample_rate) == (float(file.name.split("-")[-2]), 8, 1024)
            assert channel.unit == ("strain" if name == STRAIN else "") and channel.type == "proc"
        etalon("strain", "export", file, "--channel", name, "--output", tmp_path / "x.npy", "--force")
        exported = np.load(tmp_path / "x.npy")
        assert channel.array.dtype == exported.dtype and channel.array.tobytes() == exported.tobytes()
        if "HOFT" in file.name:
            assert list(frame) == [STRAIN] and 1e-24 < frame[STRAIN].array.std() < 1e-18
        else:
            assert len(frame) == 12 and all(channel.array.dtype == np.float32 for channel in frame.values())


def test_cleaned_frames_are_on_the_grid_of_gps_time_and_hold_the_subtraction(tmp_path):
    models = needs_shared("models/repository")
    data = needs_shared("data/deepclean/sim-seed7-1262304000-32.hdf5")
    with h5py.File(data) as file:
        raw, names = file[STRAIN][:], [name.decode() if isinstance(name, bytes) else name for name in file.attrs["channels"]]
    done = etalon("denoise", "--model", "deepclean", "--model-repository", models, "--strain", data, "--witness-channels", ",".join(names),
                  "--output", tmp_path / "out", "--frame-seconds", 8, "--json")
    frames = sorted((tmp_path / "out/frames").glob("*.gwf"))
    assert len(frames) == 4 and json.loads(done.stdout.splitlines()[-1])["cleaned_seconds"] == 32
    cleaned = []
    for i, file in enumerate(frames):
        (frame,) = series(file)
        (channel,) = frame.values()
        assert channel.name == STRAIN + "_CLEAN" and channel.unit == "strain" and channel.type == "proc"
        assert (channel.start, channel.duration, channel.sample_rate) == (1262304000 + 8 * i, 8, 4096)
        cleaned.append(channel.array)
    cleaned = np.concatenate(cleaned)
    reference = raw + 1e-21 * np.load(needs_shared("data/deepclean/reference_cleaned.npz"))["cleaned_minus_raw_e21"]
    middle = slice(2 * 4096, -2 * 4096)
    assert np.abs(cleaned - reference)[middle].max() < 1e-24 < 0.1 * np.abs(raw - reference)[middle].max()
