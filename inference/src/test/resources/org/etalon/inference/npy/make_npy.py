"""Writes the .npy and .npz files of this folder: python make_npy.py (needs numpy).

Each array holds items that tell a wrong type, byte order or item order apart.
"""
import os

import numpy as np
from numpy.lib import format as npy

here = os.path.dirname(os.path.abspath(__file__))
VALUES = [0, 1, 2, 3, 100, 5]


def path(name):
    return os.path.join(here, name)


for code in ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"):
    for order, label in (("<", "le"), (">", "be")):
        if label == "be" and code in ("b1", "i1", "u1"):
            continue
        x = np.array(VALUES).astype(order + code).reshape(2, 3)
        if code[0] == "i":
            x[0, 0] = -7
        if code[0] == "u":
            x[0, 0] = np.iinfo(x.dtype).max
        if code[0] in "fc":
            x[0, 0] = -0.375
        if code[0] == "c":
            x[0, 1] = 1 - 2.5j
        np.save(path(f"{code}_{label}.npy"), x)

cube = np.arange(24.0).reshape(2, 3, 4)
np.save(path("fortran.npy"), np.asfortranarray(cube))
np.save(path("fortran_be.npy"), np.asfortranarray(cube.astype(">f4")))
np.save(path("scalar.npy"), np.float64(2.5))
np.save(path("empty.npy"), np.zeros((0, 5), np.float32))
np.save(path("object.npy"), np.array([None, 1], dtype=object))
np.save(path("record.npy"), np.zeros(2, [("a", "<f4"), ("b", "<i4")]))
np.save(path("string.npy"), np.array(["a", "bc"]))
for version in ((2, 0), (3, 0)):
    with open(path(f"version{version[0]}.npy"), "wb") as f:
        npy.write_array(f, np.arange(6, dtype="<f4").reshape(3, 2), version=version)
np.savez(path("stored.npz"), a=np.arange(3.0), b=np.arange(4, dtype=np.int16).reshape(2, 2))
np.savez_compressed(path("deflated.npz"), a=np.arange(3.0), zeros=np.zeros(100000, np.float32))
