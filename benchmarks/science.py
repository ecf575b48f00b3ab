"""What is done with strain before a network sees it, with NumPy, SciPy, h5py and frameCPP, and with Etalon, in turns, on one thread each.

    benchmarks/run-science [ROUNDS]

Prints for each step the least time of the rounds in milliseconds, and the ratio. Both sides' results must agree."""
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import subprocess
import sys
import time

import gwframe
import h5py
import numpy as np
import scipy
from scipy import signal

SCALE, Q_RATE, Q_SECONDS = 2.0**66, 2048, 4
AGREE = 1e-6  # h5py and we read the same bits; filters differ in the last ones


class Steps:
    """The same steps as SciencePath.java, by the same names."""

    def __init__(self, hdf5, gwf, channel):
        self.hdf5, self.gwf, self.channel = hdf5, gwf, channel
        with h5py.File(hdf5) as file:
            data = file["strain/Strain"]
            self.strain, rate = data[:] * SCALE, round(1 / data.attrs["Xspacing"])
        self.rate = rate / 2
        self.half = signal.resample_poly(self.strain, 1, 2)
        self.psd = self.welch("median")
        self.band = signal.butter(4, [35, 350], "bandpass", fs=self.rate, output="sos")
        self.piece = self.white()[:Q_RATE * Q_SECONDS]
        self.planes = list(q_planes(self.piece.size))

    def steps(self):
        norm = np.linalg.norm
        return {
            "read HDF5": self.read_hdf5,
            "read GWF": lambda: np.abs(gwframe.read(self.gwf, self.channel).array).sum() * SCALE,
            "resample": lambda: norm(signal.resample_poly(self.strain, 1, 2)),
            "PSD, median": lambda: norm(self.welch("median")),
            "PSD, mean": lambda: norm(self.welch("mean")),
            "whiten": lambda: norm(self.white()),
            "band-pass both ways": lambda: norm(signal.sosfiltfilt(self.band, self.half)),
            "FFT": self.fft,
            "Q transform": self.q_transform,
        }

    def read_hdf5(self):
        with h5py.File(self.hdf5) as file:
            return np.abs(file["strain/Strain"][:]).sum() * SCALE

    def welch(self, average):
        return signal.welch(self.half, self.rate, nperseg=int(2 * self.rate), average=average)[1]

    def white(self):
        """The inverse amplitude spectrum cut to a second, its magnitude, applied."""
        half, taps = self.half, int(self.rate)
        frequencies = np.fft.rfftfreq(half.size, 1 / self.rate)
        inverse = 1 / np.sqrt(np.interp(frequencies, np.arange(self.psd.size) / 2, self.psd))
        inverse[frequencies < 20] = 0
        inverse[-1] = 0
        impulse, window = scipy.fft.irfft(inverse, half.size), np.hanning(taps)
        impulse[:taps // 2] *= window[taps // 2:]
        impulse[-(taps // 2):] *= window[:taps // 2]
        impulse[taps // 2:-(taps // 2)] = 0
        magnitude = np.abs(scipy.fft.rfft(impulse)) * np.sqrt(2 / self.rate)
        white = scipy.fft.irfft(scipy.fft.rfft(half - half.mean()) * magnitude, half.size)
        return white[taps // 2:-(taps // 2)]

    def fft(self):
        return np.linalg.norm(scipy.fft.rfft(self.half).view(float))

    def q_transform(self):
        spectrum = scipy.fft.rfft(self.piece) / self.piece.size
        spectrum[1:] *= 2
        most, loudest = 0, None
        for rows in self.planes:
            energies = []
            for bins, places, window, tiles in rows:
                buffer = np.zeros(tiles, complex)
                buffer[places] = spectrum[bins] * window
                energy = np.abs(scipy.fft.ifft(buffer)) ** 2
                energies.append(energy / np.median(energy))
            peak = max(energy.max() for energy in energies)
            if peak > most:
                most, loudest = peak, energies
        return sum(energy.sum() for energy in loudest)


def q_planes(size, low=20.0, high=500.0, mismatch=0.2):
    """gwpy's tiling: for each Q its rows, as bins of the spectrum, their places, the window and the number of tiles."""
    duration, tile = size / Q_RATE, 2 * np.sqrt(mismatch / 3)
    span = np.log(64 / 4) / np.sqrt(2)
    count = max(1, int(np.ceil(span / tile)))
    for q in 4 * np.exp(np.sqrt(2) * span / count * (np.arange(count) + 0.5)):
        root = np.sqrt(2 + q * q)
        cumulative = np.log(high / low) * root / 2
        number = max(1, int(np.ceil(cumulative / tile)))
        exact = low * np.exp(2 / root * (np.arange(number) + 0.5) * cumulative / number)
        frequencies = dict.fromkeys(np.rint((exact - exact % (1 / duration)) * duration) / duration)
        yield [q_row(q, frequency, duration, tile, size) for frequency in frequencies]


def q_row(q, frequency, duration, tile, size):
    reduced = q / np.sqrt(11)
    half = int(frequency / reduced * duration)
    tiles = 2 ** max(0, int(np.ceil(np.log2(duration * 2 * np.pi * frequency / q / tile))))
    tiles = max(tiles, 2 ** int(np.ceil(np.log2(2 * half + 1))))
    offsets = np.arange(-half, half + 1)
    x = offsets / duration * reduced / frequency
    window = (1 - x * x) ** 2 * tiles / size * np.sqrt(315 * reduced / (128 * frequency))
    bins = np.rint(frequency * duration).astype(int) + 1 + offsets
    inside = bins <= size // 2
    return bins[inside], ((offsets - 1) % tiles)[inside], window[inside], tiles


class Etalon:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.names = self.process.stdout.readline().strip().split(";")

    def run(self, name, times):
        self.process.stdin.write(f"{name};{times}\n")
        self.process.stdin.flush()
        microseconds, result = self.process.stdout.readline().split(";")
        return float(microseconds) / 1e3, float(result)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def run_here(step, times):
    best, result = float("inf"), 0
    for _ in range(times):
        start = time.perf_counter()
        result = step()
        best = min(best, time.perf_counter() - start)
    return 1e3 * best, result


def main():
    rounds, hdf5, gwf, channel, *command = sys.argv[1:]
    steps = Steps(hdf5, gwf, channel).steps()
    etalon = Etalon([*command, hdf5, gwf, channel])
    assert etalon.names == list(steps), (etalon.names, list(steps))
    for name in steps:
        etalon.run(name, 60)  # warm
    times = {name: ([], []) for name in steps}
    for _ in range(int(rounds)):
        for name, step in steps.items():
            theirs, expected = run_here(step, 10)
            ours, result = etalon.run(name, 10)
            assert abs(result - expected) <= AGREE * abs(expected), (name, result, expected)
            times[name][0].append(theirs)
            times[name][1].append(ours)
    etalon.close()
    print(f"numpy {np.__version__}, scipy {scipy.__version__}; least of {rounds} rounds of 10, ms")
    print(f"{'':22}{'NumPy, SciPy':>14}{'Etalon':>10}{'ratio':>8}")
    for name, (theirs, ours) in times.items():
        print(f"{name:22}{min(theirs):14.2f}{min(ours):10.2f}{min(ours) / min(theirs):8.2f}")


if __name__ == "__main__":
    main()
