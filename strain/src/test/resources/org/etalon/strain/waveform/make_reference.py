"""Reference numbers of LALSuite (lal, lalsimulation 7.26.16): waveform.csv and detectors.csv.

waveform.csv: IMRPhenomD seen along the orbit's axis at 1 Mpc, reference phase 0 at 50 Hz; the
amplitude in 1/Hz, and the phase of conj(h) less its value at 50 Hz, modulo 2 pi.
detectors.csv: antenna patterns and delays from the geocentre.
"""
import lal
import lalsimulation as ls
import numpy as np

BINARIES = [(36.0, 29.0, 0.0, 0.0), (50.0, 8.0, 0.8, -0.5), (20.0, 20.0, -0.7, 0.3), (12.0, 9.0, 0.0, 0.6), (80.0, 70.0, 0.5, 0.5)]
DF, FMAX = 0.25, 2048.0


def waveform(out):
    for m1, m2, s1, s2 in BINARIES:
        h = ls.SimIMRPhenomDGenerateFD(0.0, 50.0, DF, m1 * lal.MSUN_SI, m2 * lal.MSUN_SI, s1, s2, 20.0, FMAX, 1e6 * lal.PC_SI, None, ls.NoNRT_V).data.data
        k = np.arange(len(h))
        use = (k * DF >= 20.0) & (np.abs(h) > 0)
        phase = -np.unwrap(np.angle(h[use]))
        freq = k[use] * DF
        phase -= phase[np.argmin(np.abs(freq - 50.0))]
        for f in np.unique(np.concatenate([np.arange(20, 100, 8), np.arange(100, 1000, 60)])):
            i = np.flatnonzero(freq == f)
            if len(i):
                out.write(f"{m1},{m2},{s1},{s2},{f},{np.abs(h[use])[i[0]]!r},{phase[i[0]]!r}\n".replace("np.float64(", "").replace(")", ""))


def detectors(out):
    rng = np.random.default_rng(1)
    for i in range(12):
        gps = float(int(rng.uniform(9e8, 1.4e9))) + 0.25
        ra, dec, psi = rng.uniform(0, 2 * np.pi), np.arcsin(rng.uniform(-1, 1)), rng.uniform(0, np.pi)
        for name in ("H1", "L1", "V1", "K1"):
            d = lal.cached_detector_by_prefix[name]
            t = lal.LIGOTimeGPS(gps)
            plus, cross = lal.ComputeDetAMResponse(d.response, ra, dec, psi, lal.GreenwichMeanSiderealTime(t))
            delay = lal.TimeDelayFromEarthCenter(d.location, ra, dec, t)
            out.write(",".join([name] + [repr(float(x)) for x in (gps, ra, dec, psi, plus, cross, delay)]) + "\n")


if __name__ == "__main__":
    with open("waveform.csv", "w") as f:
        waveform(f)
    with open("detectors.csv", "w") as f:
        detectors(f)
