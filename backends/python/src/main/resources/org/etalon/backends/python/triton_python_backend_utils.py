"""What models written for Triton's Python backend import, as its documentation describes it, over numpy alone."""
import asyncio
import json
import struct

import numpy as np

TRITONSERVER_REQUEST_FLAG_SEQUENCE_START = 1
TRITONSERVER_REQUEST_FLAG_SEQUENCE_END = 2
TRITONSERVER_RESPONSE_COMPLETE_FINAL = 1
TRITONSERVER_REQUEST_RELEASE_ALL = 1
TRITONSERVER_REQUEST_RELEASE_RESCHEDULE = 2
TRITON_MEMORY_CPU = 0
TRITON_MEMORY_GPU = 1

_NUMPY = {
    "BOOL": np.bool_, "UINT8": np.uint8, "UINT16": np.uint16, "UINT32": np.uint32, "UINT64": np.uint64, "INT8": np.int8, "INT16": np.int16,
    "INT32": np.int32, "INT64": np.int64, "FP16": np.float16, "FP32": np.float32, "FP64": np.float64, "BYTES": np.object_, "STRING": np.object_,
}
_TRITON = {np.dtype(kind): name for name, kind in _NUMPY.items() if name != "STRING"}

# Set by the worker: asks another model, and where this one lies.
_ask = None
_model_directory = None


def triton_string_to_numpy(name):
    """The numpy type of a datatype of a configuration, such as TYPE_FP32."""
    kind = _NUMPY.get(name.removeprefix("TYPE_"))
    if kind is None:
        raise TritonModelException(f"datatype {name!r} has no numpy type (expected: one of {', '.join('TYPE_' + n for n in _NUMPY if n != 'BYTES')})")
    return kind


def triton_to_np_dtype(name):
    return _NUMPY.get(name)


def np_to_triton_dtype(kind):
    kind = np.dtype(kind)
    return "BYTES" if kind.kind in "OSU" else _TRITON.get(kind)


def serialize_byte_tensor(array):
    """Elements as a length of four bytes and that many, in row-major order, as an array of one element."""
    if array.size == 0:
        return np.empty([0], dtype=np.object_)
    return np.asarray(_serialized(array), dtype=np.object_)


def _serialized(array):
    parts = []
    for element in np.ravel(array):
        data = element if isinstance(element, bytes) else str(element).encode("utf-8")
        parts += [struct.pack("<I", len(data)), data]
    return b"".join(parts)


def deserialize_bytes_tensor(data):
    """The elements, one-dimensional, as bytes."""
    elements, at = [], 0
    data = bytes(data)
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        at += 4
        elements.append(data[at:at + length])
        at += length
    array = np.empty(len(elements), dtype=np.object_)
    array[:] = elements
    return array


class TritonModelException(Exception):
    """What a model raises of its own accord."""


class TritonError:
    UNKNOWN, INTERNAL, NOT_FOUND, INVALID_ARG, UNAVAILABLE, UNSUPPORTED, ALREADY_EXISTS, CANCELLED = range(8)

    def __init__(self, message, code=INTERNAL):
        self._message, self._code = str(message), code

    def message(self):
        return self._message

    def code(self):
        return self._code

    def __str__(self):
        return self._message


class Tensor:
    def __init__(self, name, array):
        if not isinstance(array, np.ndarray):
            raise TritonModelException(f"tensor {name!r} of a {type(array).__name__} (expected: a numpy array)")
        if np_to_triton_dtype(array.dtype) is None:
            raise TritonModelException(f"tensor {name!r} of numpy type {array.dtype} (expected: one of {', '.join(str(k) for k in _TRITON)})")
        self._name, self._array = name, array

    def name(self):
        return self._name

    def as_numpy(self):
        return self._array

    def triton_dtype(self):
        return np_to_triton_dtype(self._array.dtype)

    def shape(self):
        return list(self._array.shape)

    def is_cpu(self):
        return True

    @staticmethod
    def from_dlpack(name, tensor):
        return Tensor(name, np.from_dlpack(tensor))

    def to_dlpack(self):
        return self._array.__dlpack__()

    def __dlpack__(self, **options):
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._array.__dlpack_device__()


class PreferredMemory:
    def __init__(self, memory_type=TRITON_MEMORY_CPU, memory_id=0):
        self.memory_type, self.memory_id = memory_type, memory_id


class InferenceTrace:
    def __init__(self, context=None):
        self._context = context

    def get_context(self):
        return self._context


class InferenceRequest:
    """One that came, or one to another model: `InferenceRequest(...).exec()`."""

    def __init__(self, request_id="", correlation_id=0, inputs=None, requested_output_names=None, model_name="", model_version=-1, flags=0, timeout=0,
                 preferred_memory=None, trace=None, parameters=None):
        self._id, self._correlation_id, self._inputs = request_id, correlation_id, list(inputs or [])
        self._outputs, self._model, self._version = list(requested_output_names or []), model_name, model_version
        self._flags, self._timeout, self._trace = flags, timeout, trace
        self._parameters = json.dumps(parameters) if isinstance(parameters, dict) else (parameters or "{}")

    def inputs(self):
        return self._inputs

    def request_id(self):
        return self._id

    def correlation_id(self):
        return self._correlation_id

    def requested_output_names(self):
        return self._outputs

    def model_name(self):
        return self._model

    def model_version(self):
        return self._version

    def flags(self):
        return self._flags

    def set_flags(self, flags):
        self._flags = flags

    def timeout(self):
        return self._timeout

    def parameters(self):
        """As JSON."""
        return self._parameters

    def trace(self):
        return self._trace or InferenceTrace()

    def is_cancelled(self):
        return False

    def set_release_flags(self, flags):
        if flags == TRITONSERVER_REQUEST_RELEASE_RESCHEDULE:
            raise TritonModelException("requests cannot be rescheduled (expected: an answer to each)")

    def get_response_sender(self):
        raise TritonModelException("model_transaction_policy.decoupled is not set: execute returns the responses")

    def exec(self, decoupled=False):
        """Asks the model named; waits for its answer, whose error is in the response."""
        if decoupled:
            raise TritonModelException("exec(decoupled=True) is not supported (expected: a model that gives one answer)")
        if _ask is None:
            raise TritonModelException("no other model can be asked here (expected: while the model is loaded or runs)")
        return _ask(self)

    async def async_exec(self, decoupled=False):
        return await asyncio.get_running_loop().run_in_executor(None, self.exec, decoupled)


class InferenceResponse:
    def __init__(self, output_tensors=None, error=None, parameters=None):
        self._outputs, self._error = list(output_tensors or []), error
        self._parameters = json.dumps(parameters) if isinstance(parameters, dict) else (parameters or "{}")

    def output_tensors(self):
        return self._outputs

    def has_error(self):
        return self._error is not None

    def error(self):
        return self._error

    def parameters(self):
        return self._parameters


class ModelConfig:
    """A configuration that `auto_complete_config` completes."""

    def __init__(self, config):
        self._config = config

    def as_dict(self):
        return self._config

    def _add(self, kind, tensor):
        for key in ("name", "data_type", "dims"):
            if key not in tensor:
                raise ValueError(f"{kind} without {key!r}: {tensor}")
        known = self._config.setdefault(kind, [])
        for other in known:
            if other["name"] != tensor["name"]:
                continue
            for key in ("data_type", "dims"):
                if other.get(key) and list(map(str, np.atleast_1d(other[key]))) != list(map(str, np.atleast_1d(tensor[key]))):
                    raise ValueError(f"{kind} {tensor['name']!r}: the model says {key} {tensor[key]}, the configuration {other[key]}")
            other.update({key: tensor[key] for key in tensor if key not in other})
            return
        known.append(dict(tensor))

    def add_input(self, tensor):
        self._add("input", tensor)

    def add_output(self, tensor):
        self._add("output", tensor)

    def set_max_batch_size(self, size):
        given = self._config.get("max_batch_size", 0)
        if given and given < size:
            raise ValueError(f"max_batch_size: the model takes {size}, the configuration says {given}")
        if not given:
            self._config["max_batch_size"] = size

    def set_dynamic_batching(self):
        if not any(key in self._config for key in ("dynamic_batching", "sequence_batching")):
            self._config["dynamic_batching"] = {}

    def set_model_transaction_policy(self, policy):
        self._config["model_transaction_policy"] = dict(policy)


class Logger:
    """Lines for the service's log."""

    @staticmethod
    def _write(level, message):
        print(f"{level} {message}", flush=True)

    @staticmethod
    def log(message, level=None):
        Logger._write(level or "INFO", message)

    @staticmethod
    def log_info(message):
        Logger._write("INFO", message)

    @staticmethod
    def log_warn(message):
        Logger._write("WARNING", message)

    @staticmethod
    def log_error(message):
        Logger._write("ERROR", message)

    @staticmethod
    def log_verbose(message):
        pass


Logger.INFO, Logger.WARNING, Logger.ERROR, Logger.VERBOSE = "INFO", "WARNING", "ERROR", "VERBOSE"


def _named(tensors, name):
    return next((tensor for tensor in tensors if tensor.name() == name), None)


def get_input_tensor_by_name(request, name):
    """None if the request has no such input."""
    return _named(request.inputs(), name)


def get_output_tensor_by_name(response, name):
    """None if the response has no such output."""
    return _named(response.output_tensors(), name)


def _described(config, kind, name):
    config = config if isinstance(config, dict) else config.as_dict()
    return next((tensor for tensor in config.get(kind, []) if tensor["name"] == name), None)


def get_input_config_by_name(model_config, name):
    return _described(model_config, "input", name)


def get_output_config_by_name(model_config, name):
    return _described(model_config, "output", name)


def using_decoupled_model_transaction_policy(model_config):
    return bool(model_config.get("model_transaction_policy", {}).get("decoupled", False))


def get_model_dir():
    """The folder of the model's version."""
    return _model_directory
