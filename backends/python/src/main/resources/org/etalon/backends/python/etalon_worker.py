"""A worker process that runs a model written in Python: `python3 -m etalon_worker FOLDER`.

It speaks with the service in frames over the socket in FOLDER: a length without these four bytes, a kind, what it says; little-endian, a text as
its length and UTF-8. Tensors lie in the two files beside the socket, inputs written by the service, outputs by this process.
"""
import importlib.util
import json
import mmap
import os
import socket
import struct
import sys
import threading
import traceback

import numpy as np

import triton_python_backend_utils as utils

LOAD, LOADED, OPEN, OPENED, RUN, DONE, FAILED, CALL, CALLED = range(9)
DATATYPES = ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "BF16", "FP32", "FP64", "BYTES"]
CODES = {
    utils.TritonError.NOT_FOUND: "NOT_FOUND", utils.TritonError.INVALID_ARG: "INVALID_ARGUMENT", utils.TritonError.UNAVAILABLE: "UNAVAILABLE",
    utils.TritonError.UNSUPPORTED: "UNIMPLEMENTED", utils.TritonError.ALREADY_EXISTS: "ALREADY_EXISTS", utils.TritonError.CANCELLED: "CANCELLED",
}
ERRORS = {code: error for error, code in CODES.items()}
ALIGNMENT = 64
SMALLEST_FILE = 1 << 16
SEQUENCE_START, SEQUENCE_END = utils.TRITONSERVER_REQUEST_FLAG_SEQUENCE_START, utils.TRITONSERVER_REQUEST_FLAG_SEQUENCE_END


class Refused(Exception):
    """A failure with the service's code for it."""

    def __init__(self, message, code="INTERNAL"):
        super().__init__(message)
        self.code = code


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values[0]

    def byte(self):
        return self.take("B")

    def int(self):
        return self.take("i")

    def long(self):
        return self.take("q")

    def text(self):
        length = self.int()
        self.at += length
        return self.data[self.at - length:self.at].decode("utf-8")

    def tensor(self):
        name, datatype = self.text(), DATATYPES[self.byte()]
        shape = [self.long() for _ in range(self.byte())]
        return name, datatype, shape, self.long(), self.long()


class Frame:
    def __init__(self, kind):
        self.parts = [struct.pack("B", kind)]

    def put(self, form, *values):
        self.parts.append(struct.pack("<" + form, *values))
        return self

    def text(self, text):
        data = text.encode("utf-8", "replace")
        self.parts += [struct.pack("<i", len(data)), data]
        return self

    def tensor(self, name, datatype, shape, offset, size):
        self.text(name).put("BB", DATATYPES.index(datatype), len(shape))
        return self.put(f"{len(shape)}q", *shape).put("qq", offset, size)

    def finished(self):
        data = b"".join(self.parts)
        return struct.pack("<i", len(data)) + data


class SharedFile:
    """What is mapped anew leaves the arrays over what was mapped before as they are."""

    def __init__(self, path):
        self.file = os.open(path, os.O_RDWR)
        self.memory, self.size = None, 0

    def follow(self, size):
        if size > self.size:
            self.memory, self.size = mmap.mmap(self.file, size), size

    def grow(self, size):
        if size > self.size:
            larger = max(SMALLEST_FILE, 1 << (size - 1).bit_length())
            try:
                os.posix_fallocate(self.file, 0, larger)
            except OSError as e:
                os.ftruncate(self.file, self.size)
                raise Refused(f"{larger} bytes of shared memory: {e.strerror} (expected: room for them)", "RESOURCE_EXHAUSTED") from None
            self.follow(larger)

    def array(self, datatype, shape, offset, size):
        if datatype == "BF16":
            raise Refused("datatype BF16 has no numpy type (expected: another one)", "UNIMPLEMENTED")
        if datatype == "BYTES":
            return utils.deserialize_bytes_tensor(self.memory[offset:offset + size] if size else b"").reshape(shape)
        kind = np.dtype(utils.triton_string_to_numpy(datatype))
        if size == 0:
            return np.empty(shape, kind)
        return np.frombuffer(self.memory, kind, size // kind.itemsize, offset).reshape(shape)


def aligned(offset):
    return -(-offset // ALIGNMENT) * ALIGNMENT


class Worker:
    def __init__(self, folder):
        self.inputs, self.outputs = SharedFile(f"{folder}/inputs"), SharedFile(f"{folder}/outputs")
        self.link = socket.socket(socket.AF_UNIX)
        self.link.connect(f"{folder}/socket")
        self.module = self.model = None
        self.asking = threading.Lock()
        self.used = 0  # of outputs
        self.is_asked = False  # by the service, which then answers calls

    # frames

    def send(self, frame):
        self.link.sendall(frame.finished())

    def read(self, size):
        data = bytearray()
        while len(data) < size:
            more = self.link.recv(size - len(data))
            if not more:
                return None
            data += more
        return bytes(data)

    def receive(self):
        head = self.read(4)
        data = head and self.read(struct.unpack("<i", head)[0])
        return data and Reader(data)

    def run(self):
        answers = {LOAD: self.load, OPEN: self.open, RUN: self.execute}
        while (frame := self.receive()) is not None:
            self.is_asked = True
            try:
                answer = answers[frame.byte()](frame)
            except Refused as e:
                answer = Frame(FAILED).text(e.code).text(str(e))
            except MemoryError as e:
                answer = Frame(FAILED).text("RESOURCE_EXHAUSTED").text(f"out of memory in the worker process: {e}")
            except Exception as e:  # of the model, whatever it is
                answer = Frame(FAILED).text("INTERNAL").text(told(e))
            self.is_asked = False
            self.send(answer)
        if hasattr(self.model, "finalize"):
            self.model.finalize()

    # loading

    def load(self, frame):
        self.name, self.version = frame.text(), frame.long()
        self.folder, directory = frame.text(), frame.text()
        self.config = json.loads(frame.text())
        utils._model_directory = directory
        file = os.path.join(directory, self.config.get("default_model_filename") or "model.py")
        if not os.path.isfile(file):
            raise Refused(f"there is no {file} (expected: the model in Python)", "INVALID_ARGUMENT")
        sys.path.insert(0, directory)
        spec = importlib.util.spec_from_file_location("model", file)
        self.module = importlib.util.module_from_spec(spec)
        sys.modules["model"] = self.module
        try:
            spec.loader.exec_module(self.module)
        except SyntaxError as e:
            raise Refused(f"{os.path.basename(e.filename or file)}, line {e.lineno}: {e.msg}", "INVALID_ARGUMENT") from None
        except ModuleNotFoundError as e:
            raise Refused(f"{told(e)} (expected: a Python that has it: {sys.executable})", "INVALID_ARGUMENT") from None
        if not hasattr(self.module, "TritonPythonModel"):
            raise Refused(f"{os.path.basename(file)} has no class TritonPythonModel (expected: one, with execute)", "INVALID_ARGUMENT")
        if not callable(getattr(self.module.TritonPythonModel, "execute", None)):
            raise Refused("TritonPythonModel has no execute(self, requests) (expected: it)", "INVALID_ARGUMENT")
        if hasattr(self.module.TritonPythonModel, "auto_complete_config"):
            completed = self.module.TritonPythonModel.auto_complete_config(utils.ModelConfig(self.config))
            if not isinstance(completed, utils.ModelConfig):
                raise Refused(f"auto_complete_config returned a {type(completed).__name__} (expected: the configuration it was given)", "INVALID_ARGUMENT")
            self.config = completed.as_dict()
        devices = [(0, 0)] + [(1, i) for i in range(64) if os.path.exists(f"/dev/nvidia{i}")]
        answer = Frame(LOADED).text(json.dumps(self.config)).put("Bi", 0, len(devices))
        for kind, index in devices:
            answer.put("Bi", kind, index)
        return answer

    def open(self, frame):
        kind, index = frame.byte(), frame.int()
        self.described = {output["name"]: output for output in self.config.get("output", [])}
        self.model = self.module.TritonPythonModel()
        if hasattr(self.model, "initialize"):
            self.model.initialize({
                "model_config": json.dumps(self.config), "model_name": self.name, "model_version": str(self.version), "model_repository": self.folder,
                "model_instance_kind": "GPU" if kind else "CPU", "model_instance_device_id": str(index), "model_instance_name": f"{self.name}_{index}",
            })
        return Frame(OPENED)

    # running

    def execute(self, frame):
        rows = frame.int()
        self.inputs.follow(frame.long())
        self.used = 0
        tensors = []
        for _ in range(frame.int()):
            name, datatype, shape, offset, size = frame.tensor()
            array = self.inputs.array(datatype, shape, offset, size)
            array.flags.writeable = datatype == "BYTES"
            tensors.append((name, array))
        names = [frame.text() for _ in range(frame.int())]
        wanted = [name for name in names if frame.byte()]
        parts = [self.part(frame) for _ in range(frame.int())]
        requests = self.requests(rows, tensors, wanted, parts)
        responses = self.model.execute(requests)
        given = self.gathered(requests, responses, wanted)
        answer = Frame(DONE).put("qi", self.outputs.size, len(given))
        for name, placed in given.items():
            answer.put("i", names.index(name)).tensor(name, *placed)
        return answer

    @staticmethod
    def part(frame):
        rows, name = frame.int(), frame.text()
        correlation, flags, timeout = (frame.text() if frame.byte() else frame.long()), frame.byte(), frame.long()
        parameters = {}
        for _ in range(frame.int()):
            key, kind = frame.text(), frame.byte()
            parameters[key] = (lambda: bool(frame.byte()), frame.long, frame.text, lambda: frame.take("d"))[kind]()
        return rows, dict(request_id=name, correlation_id=correlation, flags=flags, timeout=timeout, parameters=parameters)

    def requests(self, rows, tensors, wanted, parts):
        """Each with its rows; all in one where the service does not tell of which requests the batch is made up."""
        requests, begin = [], 0
        for count, fields in parts or [(rows, {})]:
            end = begin + count
            own = [utils.Tensor(name, array if len(parts) < 2 else array[begin:end]) for name, array in tensors]
            requests.append(utils.InferenceRequest(inputs=own, requested_output_names=wanted, model_name=self.name, model_version=self.version, **fields))
            begin = end
        return requests

    def gathered(self, requests, responses, wanted):
        """Every output wanted, the responses' rows one behind the other."""
        if not isinstance(responses, (list, tuple)) or len(responses) != len(requests):
            got = f"{len(responses)} responses" if isinstance(responses, (list, tuple)) else f"a {type(responses).__name__}"
            raise Refused(f"execute returned {got} (expected: a list of {len(requests)}, one a request)")
        for response in responses:
            if not isinstance(response, utils.InferenceResponse):
                raise Refused(f"execute returned a list with a {type(response).__name__} (expected: InferenceResponse)")
            if response.has_error():
                error = response.error()
                code = error.code() if isinstance(error, utils.TritonError) else utils.TritonError.INTERNAL
                raise Refused(str(error), CODES.get(code, "INTERNAL"))
        given = {}
        for name in wanted:
            arrays = [utils.get_output_tensor_by_name(response, name) for response in responses]
            if all(array is not None for array in arrays):
                arrays = [array.as_numpy() for array in arrays]
                for array in arrays:
                    self.check(name, array)
                given[name] = self.place(arrays, name)
            elif any(array is not None for array in arrays):
                raise Refused(f"output '{name}' is in some responses only (expected: in all of a batch)")
        return given

    def check(self, name, array):
        """Against the configuration, where that describes the output."""
        described = self.described.get(name)
        if described is None:
            return
        expected = described["data_type"].removeprefix("TYPE_").replace("STRING", "BYTES")
        datatype = utils.np_to_triton_dtype(array.dtype)
        if datatype != expected:
            raise Refused(f"output '{name}' is {datatype} (expected: {expected}, as configured)")
        if "reshape" in described or self.config.get("batch_output"):
            return
        dims = [-1] * (int(self.config.get("max_batch_size", 0)) > 0) + [int(dim) for dim in described["dims"]]
        if len(dims) != array.ndim or any(dim not in (-1, extent) for dim, extent in zip(dims, array.shape)):
            raise Refused(f"output '{name}' has shape {list(array.shape)} (expected: {dims}, as configured)")

    def place(self, arrays, name):
        """The arrays one behind the other in the file of outputs: datatype, shape, offset, bytes."""
        datatype = utils.np_to_triton_dtype(arrays[0].dtype)
        if any(array.dtype != arrays[0].dtype and datatype != "BYTES" or array.shape[1:] != arrays[0].shape[1:] for array in arrays):
            raise Refused(f"output '{name}' differs between the responses of a batch: {[f'{a.dtype} {list(a.shape)}' for a in arrays]} (expected: one datatype and shape, but for the rows)")
        shape = list(arrays[0].shape)
        if len(arrays) > 1:
            shape[0] = sum(array.shape[0] for array in arrays)
        offset = aligned(self.used)
        if datatype == "BYTES":
            data = b"".join(utils._serialized(array) for array in arrays)
            self.outputs.grow(offset + max(1, len(data)))
            self.outputs.memory[offset:offset + len(data)] = data
            self.used = offset + len(data)
            return datatype, shape, offset, len(data)
        size = sum(array.nbytes for array in arrays)
        self.outputs.grow(offset + max(1, size))
        at = offset
        for array in arrays:
            if array.size:
                np.frombuffer(self.outputs.memory, array.dtype, array.size, at).reshape(array.shape)[...] = array
            at += array.nbytes
        self.used = offset + size
        return datatype, shape, offset, size

    # asking other models

    def ask(self, request):
        with self.asking:
            if not self.is_asked:
                raise utils.TritonModelException("other models can be asked only while a request is run (expected: in execute)")
            before = self.used
            placed = [(tensor.name(), self.place([tensor.as_numpy()], tensor.name())) for tensor in request.inputs()]
            frame = Frame(CALL).text(request.model_name()).put("q", request.model_version()).text(request.request_id())
            correlation = request.correlation_id()
            frame.put("B", isinstance(correlation, str))
            frame = frame.text(correlation) if isinstance(correlation, str) else frame.put("q", correlation)
            frame.put("Bq", request.flags(), self.outputs.size).put("i", len(placed))
            for name, place in placed:
                frame.tensor(name, *place)
            frame.put("i", len(request.requested_output_names()))
            for name in request.requested_output_names():
                frame.text(name)
            self.send(frame)
            answer = self.receive()
            self.used = before
            if answer is None:
                os._exit(0)
            return self.response(answer)

    def response(self, answer):
        kind = answer.byte()
        if kind == FAILED:
            code = answer.text()
            return utils.InferenceResponse(error=utils.TritonError(answer.text(), ERRORS.get(code, utils.TritonError.INTERNAL)))
        self.inputs.follow(answer.long())
        tensors = []
        for _ in range(answer.int()):
            name, datatype, shape, offset, size = answer.tensor()
            tensors.append(utils.Tensor(name, self.inputs.array(datatype, shape, offset, size).copy()))
        return utils.InferenceResponse(tensors)


def told(error):
    """An exception in one line, with the last line of the model that it came through."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.endswith(("etalon_worker.py", "triton_python_backend_utils.py")) and "importlib" not in f.filename]
    where = f" ({os.path.basename(frames[-1].filename)}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"


def remove_names(folder):
    """What is left of a meeting to which nobody came."""
    for name in ("socket", "inputs", "outputs"):
        try:
            os.unlink(f"{folder}/{name}")
        except OSError:
            pass
    try:
        os.rmdir(folder)
    except OSError:
        pass


def end_with_service(folder):
    """Also in the middle of a run: the service's end closes standard input."""
    while os.read(0, 1024):
        pass
    remove_names(folder)
    os._exit(0)


def main(folder):
    try:
        os.setsid()  # the terminal's signals are the service's
    except OSError:
        pass
    threading.Thread(target=end_with_service, args=(folder,), daemon=True).start()
    try:
        worker = Worker(folder)
    except OSError:
        remove_names(folder)
        raise
    utils._ask = worker.ask
    worker.run()


if __name__ == "__main__":
    main(sys.argv[1])
