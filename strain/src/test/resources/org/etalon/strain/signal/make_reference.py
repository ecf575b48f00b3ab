"""Writes reference.npz of this folder: python make_reference.py (numpy 2.4.6, scipy 1.17.1, gwpy 4.1.0).

Everything is computed by NumPy, SciPy and gwpy from `synthetic` (8 s at 4096 Hz of coloured Gaussian noise and a
60 Hz line) and two short random series. Long results are kept at every 7th item, which meets all phases of
every rate used; the names say so.
"""
import os
import sys

import numpy as np
import scipy.signal as sig
from gwpy.signal.qtransform import QPlane
from gwpy.timeseries import TimeSeries

here = os.path.dirname(os.path.abspath(__file__))
FS = 4096
KEEP = 7


def coloured(rng, n):
    """Noise with the amplitude spectrum 1 / sqrt(1 + (f / 50 Hz)^2)."""
    f = np.fft.rfftfreq(n, 1 / FS)
    return np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) / np.sqrt(1 + (f / 50) ** 2), n)


def whitening(y, fs, psd, df, fduration, highpass):
    """Inverse-spectrum truncation written down from its definition, with NumPy alone."""
    n, m = len(y), int(fduration * fs)
    f = np.arange(n // 2 + 1) * fs / n
    inv = 1 / np.sqrt(np.interp(f, np.arange(len(psd)) * df, psd))
    inv[f < highpass] = 0
    inv[-1] = 0
    q = np.fft.irfft(inv, n)
    w = sig.get_window("hann", m, fftbins=False)
    q[: m // 2] *= w[m // 2:]
    q[-(m // 2):] *= w[: m // 2]
    q[m // 2: -(m // 2)] = 0
    h = np.abs(np.fft.rfft(q))
    white = np.fft.irfft(np.fft.rfft(y - y.mean()) * h, n) * np.sqrt(2 / fs)
    return h, white[m // 2: -(m // 2)]


def main():
    rng = np.random.default_rng(2015)
    x = coloured(rng, 8 * FS) + 0.3 * np.sin(2 * np.pi * 60 * np.arange(8 * FS) / FS)
    u, v = rng.standard_normal(256), rng.standard_normal(257)
    out = dict(synthetic=x, u=u, v=v, rfft_u=np.fft.rfft(u), rfft_v=np.fft.rfft(v))

    def keep(name, values):
        out[name + "_every7"] = np.asarray(values)[::KEEP]

    for name, window, sizes in (("hann", "hann", (16, 17)), ("hamming", "hamming", (16,)), ("blackman", "blackman", (16,)),
                                ("tukey", ("tukey", 0.25), (64, 17)), ("kaiser", ("kaiser", 5.0), (41,))):
        for n in sizes:
            out[f"{name}_sym_{n}"] = sig.get_window(window, n, fftbins=False)
            out[f"{name}_per_{n}"] = sig.get_window(window, n)

    for seconds in (1, 2, 4):
        for average in ("mean", "median"):
            p = sig.welch(x, FS, window="hann", nperseg=seconds * FS, noverlap=seconds * FS // 2, detrend="constant", average=average)[1]
            keep(f"psd_{average}_{seconds}s", p)
    keep("psd_odd", sig.welch(x, FS, window=("tukey", 0.25), nperseg=1001, noverlap=300, detrend="constant")[1])

    y = sig.resample_poly(x, 1, 2)
    df, p = 0.5, sig.welch(y, FS / 2, nperseg=FS, noverlap=FS // 2, detrend="constant", average="median")[1]
    h, white = whitening(y, FS / 2, p, df, 1.0, 20.0)
    keep("whitening_transfer", h)
    keep("white", white)
    for highpass in (None, 30):
        w = TimeSeries(x, sample_rate=FS).whiten(fftlength=2, overlap=1, method="median", window="hann", detrend="constant",
                                               fduration=1, highpass=highpass)
        keep(f"white_gwpy_{highpass or 0}", w.value)

    designs = dict(bp=sig.butter(4, [35, 350], "bandpass", fs=FS, output="sos"), hp=sig.butter(8, 20, "highpass", fs=FS, output="sos"),
                   lp5=sig.butter(5, 300, fs=FS, output="sos"), bs=sig.butter(3, [55, 65], "bandstop", fs=FS, output="sos"),
                   bp5=sig.butter(5, [100, 900], "bandpass", fs=FS, output="sos"), lp1=sig.butter(1, 10, fs=FS, output="sos"),
                   hp3=sig.butter(3, 1900, "highpass", fs=FS, output="sos"))
    for name, sos in designs.items():
        out["sos_" + name] = sos
        out["zi_" + name] = sig.sosfilt_zi(sos)
        keep("both_ways_" + name, sig.sosfiltfilt(sos, x))
    keep("causal_bp", sig.sosfilt(designs["bp"], x))
    b, a = sig.iirnotch(60, 30, fs=FS)
    out["notch_b"], out["notch_a"] = b, a
    keep("notch", sig.filtfilt(b, a, x))
    keep("butter3_filtfilt", sig.filtfilt(*sig.butter(3, 300, fs=FS), x))
    out["butter3_b"], out["butter3_a"] = sig.butter(3, 300, fs=FS)

    for up, down in ((1, 2), (2, 3), (4, 1), (3, 7)):
        keep(f"poly_{up}_{down}", sig.resample_poly(x, up, down))
    keep("poly_1_2_odd", sig.resample_poly(x[:4097], 1, 2))
    keep("decimate_2", sig.decimate(x, 2))
    keep("decimate_5", sig.decimate(x, 5))
    keep("decimate_fir_2", sig.decimate(x, 2, ftype="fir"))
    for n, size in ((32768, 16384), (32768, 10001), (4096, 5000), (4096, 4096), (4097, 2048), (4097, 6000)):
        keep(f"fourier_{n}_{size}", sig.resample(x[:n], size))

    # A chirping burst of about 200 Hz half-way through 4 s of white noise.
    t = np.arange(4 * FS) / FS - 2
    burst = rng.standard_normal(4 * FS) + 4 * np.exp(-(t / 0.05) ** 2) * np.sin(2 * np.pi * (200 + 400 * t) * t)
    out["burst"] = burst.astype(np.float32)
    series = TimeSeries(burst.astype(np.float32).astype(float), sample_rate=FS, t0=0)
    fd = np.fft.rfft(series.value) / len(series)
    fd[1:] *= 2
    plane = QPlane(8.0, (20, 500), 4, FS)
    rows = [np.asarray(tile.transform(fd, norm=False, epoch=0)) for tile in plane]
    out["q_frequencies"] = np.asarray(plane.frequencies)
    out["q_lengths"] = np.array([len(r) for r in rows])
    keep("q_energies", np.concatenate(rows))
    image = series.q_transform(qrange=(4, 64), frange=(20, 500), outseg=(1.7, 2.2), whiten=False, tres=0.0025, fres=4, norm="median", logf=False)
    out["q_image"] = image.value.astype(np.float32)
    out["q_image_q"] = float(image.q)
    np.savez_compressed(os.path.join(here, "reference.npz"), **out)
    print("bytes", os.path.getsize(os.path.join(here, "reference.npz")), file=sys.stderr)


if __name__ == "__main__":
    main()
