"""Excess power of strain in a band of frequencies, in numpy: a model as Triton's Python backend runs them."""
import json

import numpy as np
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    @staticmethod
    def auto_complete_config(config):
        config.add_input({"name": "strain", "data_type": "TYPE_FP32", "dims": [-1, -1]})
        config.add_output({"name": "power", "data_type": "TYPE_FP32", "dims": [-1]})
        config.set_max_batch_size(256)
        config.set_dynamic_batching()
        return config

    def initialize(self, args):
        parameters = json.loads(args["model_config"])["parameters"]
        value = lambda name: float(parameters[name]["string_value"])
        self.rate_hz, self.low_hz, self.high_hz = value("sample_rate_hz"), value("low_hz"), value("high_hz")

    def execute(self, requests):
        return [self.answer(pb_utils.get_input_tensor_by_name(request, "strain").as_numpy()) for request in requests]

    def answer(self, strain):
        """Mean power in the band over the mean power outside, of strain of shape (rows, channels, samples)."""
        samples = strain.shape[-1]
        frequencies = np.fft.rfftfreq(samples, 1 / self.rate_hz)
        inside = (frequencies >= self.low_hz) & (frequencies < self.high_hz)
        if not inside.any():
            message = f"{samples} samples have no frequency in {self.low_hz} to {self.high_hz} Hz (expected: longer strain)"
            return pb_utils.InferenceResponse(error=pb_utils.TritonError(message, pb_utils.TritonError.INVALID_ARG))
        spectrum = np.abs(np.fft.rfft(strain * np.hanning(samples), axis=-1)) ** 2
        power = spectrum[..., inside].mean(axis=-1) / spectrum[..., ~inside].mean(axis=-1)
        return pb_utils.InferenceResponse([pb_utils.Tensor("power", power.astype(np.float32))])
