"""Makes types.hdf5, types.txt and gaps.hdf5 beside this file (h5py 3.16, numpy 2.4)."""
import hashlib
from pathlib import Path

import h5py
import numpy as np

here = Path(__file__).parent
rng = np.random.default_rng(5)
n = 100
lines = []
with h5py.File(here / "types.hdf5", "w", track_order=True) as f:
    for kind in "i1 u1 i2 u2 i4 u4 i8 u8 f4 f8 c8 c16".split():
        for order, suffix in (("<", "le"), (">", "be")):
            raw = rng.integers(0, 256, n * int(kind[1:]), dtype="u1")
            values = raw.view("<" + kind)
            if kind[0] in "fc":
                parts = rng.standard_normal(n * (2 if kind[0] == "c" else 1))
                values = parts.astype("<f%d" % (int(kind[1:]) // (2 if kind[0] == "c" else 1)))
                values = values.view("<" + kind)
            digest = hashlib.sha256(values.tobytes()).hexdigest()
            dataset = f.create_dataset(f"{suffix}/X1:{kind}", data=values.astype(order + kind))
            dataset.attrs.update(x0=1e9, dx=0.0625, unit="m")
            lines.append((f"{suffix}/X1:{kind}", values.dtype.name.upper(), digest))
    values = rng.standard_normal(n)
    for name, options in {
        "gzip": dict(chunks=(7,), compression="gzip"),
        "shuffle": dict(chunks=(64,), compression="gzip", shuffle=True, fletcher32=True),
        "growing": dict(chunks=(16,), maxshape=(None,)),
        "plain": {},
    }.items():
        dataset = f.create_dataset(f"store/{name}", data=values, **options)
        dataset.attrs.update(Xstart=10**9, Xspacing=0.0625, Yunits="")
        lines.append((f"store/{name}", "FLOAT64", hashlib.sha256(values.tobytes()).hexdigest()))
    f.create_dataset("two", data=np.zeros((2, 3))).attrs.update(x0=0.0, dx=1.0)
    f.create_dataset("bare", data=np.zeros(3))
    f["alias"] = h5py.SoftLink("/store/gzip")
(here / "types.txt").write_text("".join(" ".join(line) + "\n" for line in lines))

with h5py.File(here / "gaps.hdf5", "w") as f:
    strain = rng.standard_normal(8 * 16) * 1e-21
    strain[: 2 * 16] = np.nan
    strain[5 * 16 : 6 * 16] = np.nan
    d = f.create_dataset("strain/Strain", data=strain, chunks=(32,), compression="gzip")
    d.attrs.update(Xstart=1400000000, Xspacing=1 / 16, Yunits="", Npoints=len(strain))
    mask = np.array([0, 0, 1, 3, 1, 0, 1, 1], dtype="u4")
    d = f.create_dataset("quality/simple/DQmask", data=mask)
    d.attrs.update(Xstart=1400000000, Xspacing=1.0)
    f.create_dataset("quality/simple/DQShortnames", data=np.array([b"DATA", b"CBC_CAT1"]))
    f.create_dataset("meta/Detector", data="L1")
    f.create_dataset("meta/GPSstart", data=1400000000)
