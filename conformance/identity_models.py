"""Models that answer with what they are given, made with onnx: one for each datatype, and some whose inputs make requests wrong."""
import ml_dtypes
import numpy as np
from onnx import TensorProto, helper, save

# The protocol's name of a datatype: what numpy, onnx and configurations call it.
DATATYPES = {
    "BOOL": (np.bool_, TensorProto.BOOL, "TYPE_BOOL"),
    "UINT8": (np.uint8, TensorProto.UINT8, "TYPE_UINT8"),
    "UINT16": (np.uint16, TensorProto.UINT16, "TYPE_UINT16"),
    "UINT32": (np.uint32, TensorProto.UINT32, "TYPE_UINT32"),
    "UINT64": (np.uint64, TensorProto.UINT64, "TYPE_UINT64"),
    "INT8": (np.int8, TensorProto.INT8, "TYPE_INT8"),
    "INT16": (np.int16, TensorProto.INT16, "TYPE_INT16"),
    "INT32": (np.int32, TensorProto.INT32, "TYPE_INT32"),
    "INT64": (np.int64, TensorProto.INT64, "TYPE_INT64"),
    "FP16": (np.float16, TensorProto.FLOAT16, "TYPE_FP16"),
    "FP32": (np.float32, TensorProto.FLOAT, "TYPE_FP32"),
    "FP64": (np.float64, TensorProto.DOUBLE, "TYPE_FP64"),
    "BF16": (ml_dtypes.bfloat16, TensorProto.BFLOAT16, "TYPE_BF16"),
    "BYTES": (np.object_, TensorProto.STRING, "TYPE_STRING"),
}


def identity(repository, name, datatype, dims, inputs=1, batch=0, options=""):
    """y0 = x0, y1 = x1, ...; a dimension below 0 is any."""
    _, element, configured = DATATYPES[datatype]
    folder = repository / name
    (folder / "1").mkdir(parents=True)
    shape = (["batch"] if batch else []) + [f"d{i}" if d < 0 else d for i, d in enumerate(dims)]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Identity", [f"x{i}"], [f"y{i}"]) for i in range(inputs)], name,
        [value(f"x{i}", element, shape) for i in range(inputs)], [value(f"y{i}", element, shape) for i in range(inputs)])
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "1" / "model.onnx")
    tensors = "".join(f"{side} {{ name: '{letter}{i}' data_type: {configured} dims: {list(dims)} }}\n"
                      for side, letter in (("input", "x"), ("output", "y")) for i in range(inputs))
    (folder / "config.pbtxt").write_text(f"backend: 'onnxruntime' max_batch_size: {batch}\n{tensors}{options}")


def repository_of_all(folder):
    """same_<DATATYPE> with dims [-1], three with three inputs of dims [-1, 16], plane with two variable dimensions, text with one element."""
    for name in DATATYPES:
        identity(folder, f"same_{name}", name, [-1])
    identity(folder, "three", "FP32", [16], inputs=3, batch=4)
    identity(folder, "plane", "FP32", [-1, -1], batch=4)
    identity(folder, "text", "BYTES", [1])
    identity(folder, "texts", "BYTES", [4], batch=4)
    return folder
