"""Writes the small models of the tests beside this file. Needs: pip install onnx==1.23.2"""

import os
import struct

import onnx
from onnx import TensorProto, helper

HERE = os.path.dirname(os.path.abspath(__file__))
FP32 = TensorProto.FLOAT
INT64 = TensorProto.INT64


def save(name, nodes, inputs, outputs, initializers=(), opsets=(("", 17),), external=None):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    imports = [helper.make_opsetid(domain, version) for domain, version in opsets]
    model = helper.make_model(graph, producer_name="", opset_imports=imports, ir_version=8)
    path = os.path.join(HERE, name + ".onnx")
    if external:
        location = os.path.join(HERE, external)
        if os.path.exists(location):
            os.remove(location)
        onnx.save(model, path, save_as_external_data=True, location=external, size_threshold=0)
    else:
        onnx.save(model, path)


def tensor(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


# y = [b, a]: an operator that takes every element type, and whose result shows the order of its inputs.
for name, kind in {
    "bool": TensorProto.BOOL,
    "uint8": TensorProto.UINT8,
    "uint16": TensorProto.UINT16,
    "uint32": TensorProto.UINT32,
    "uint64": TensorProto.UINT64,
    "int8": TensorProto.INT8,
    "int16": TensorProto.INT16,
    "int32": TensorProto.INT32,
    "int64": INT64,
    "fp16": TensorProto.FLOAT16,
    "bf16": TensorProto.BFLOAT16,
    "fp32": FP32,
    "fp64": TensorProto.DOUBLE,
    "bytes": TensorProto.STRING,
    "complex64": TensorProto.COMPLEX64,
}.items():
    save(
        "swap_" + name,
        [helper.make_node("Concat", ["b", "a"], ["y"], axis=1)],
        [tensor("a", kind, ["batch", 2]), tensor("b", kind, ["batch", 1])],
        [tensor("y", kind, ["batch", 3])],
    )

# Two outputs, of which one may be left out.
save(
    "two_outputs",
    [helper.make_node("Neg", ["x"], ["negative"]), helper.make_node("Add", ["x", "x"], ["double"])],
    [tensor("x", FP32, ["batch", 2])],
    [tensor("negative", FP32, ["batch", 2]), tensor("double", FP32, ["batch", 2])],
)

# An output of a length that only the run tells: y = [x, x].
save(
    "free_length",
    [helper.make_node("Concat", ["x", "x"], ["y"], axis=1)],
    [tensor("x", FP32, ["batch", "n"])],
    [tensor("y", FP32, ["batch", "m"])],
)

# No batch: where x is not zero, shape [1, count].
save(
    "non_zero",
    [helper.make_node("NonZero", ["x"], ["y"])],
    [tensor("x", FP32, [4])],
    [tensor("y", INT64, [1, "count"])],
)

# No batch, and a scalar output.
save(
    "sum",
    [helper.make_node("ReduceSum", ["x"], ["y"], keepdims=0)],
    [tensor("x", FP32, [3])],
    [tensor("y", FP32, [])],
)

# Rank 1 inside, so that a configuration with dims needs reshape.
save(
    "flat",
    [helper.make_node("Neg", ["x"], ["y"])],
    [tensor("x", FP32, ["batch"])],
    [tensor("y", FP32, ["batch"])],
)

# Twice as many rows come out as went in, and the file does not say so.
save(
    "more_rows",
    [helper.make_node("Concat", ["x", "x"], ["y"], axis=0)],
    [tensor("x", FP32, ["batch", 2])],
    [tensor("y", FP32, ["rows", 2])],
)

# As many zeros as the input says: asks for any amount of memory.
save(
    "zeros",
    [helper.make_node("ConstantOfShape", ["shape"], ["y"])],
    [tensor("shape", INT64, [1])],
    [tensor("y", FP32, ["n"])],
)

# The output is the input itself.
save(
    "same",
    [helper.make_node("Neg", ["x"], ["negative"])],
    [tensor("x", FP32, ["batch", "n"])],
    [tensor("x", FP32, ["batch", "n"]), tensor("negative", FP32, ["batch", "n"])],
)

# Weights in a file of their own.
save(
    "external",
    [helper.make_node("Add", ["x", "bias"], ["y"])],
    [tensor("x", FP32, ["batch", 3])],
    [tensor("y", FP32, ["batch", 3])],
    [helper.make_tensor("bias", FP32, [3], struct.pack("<3f", 10, 20, 30), raw=True)],
    external="external.bin",
)

# What cannot be served.
save(
    "unknown_operator",
    [helper.make_node("Transmogrify", ["x"], ["y"], domain="org.example")],
    [tensor("x", FP32, ["batch", 2])],
    [tensor("y", FP32, ["batch", 2])],
    opsets=(("", 17), ("org.example", 1)),
)
save(
    "sequence",
    [helper.make_node("SplitToSequence", ["x"], ["y"], axis=1)],
    [tensor("x", FP32, ["batch", 2])],
    [helper.make_tensor_sequence_value_info("y", FP32, ["batch", 1])],
)

# A ragged input: y = x times the number of elements of its request, which a batch input tells, and all of x doubled.
save(
    "ragged",
    [
        helper.make_node("Add", ["x", "x"], ["twice"]),
        helper.make_node("Cast", ["counts"], ["float_counts"], to=FP32),
        helper.make_node("Unsqueeze", ["float_counts", "one"], ["count"]),
    ],
    [tensor("x", FP32, ["elements"]), tensor("counts", TensorProto.INT32, ["requests"])],
    [tensor("twice", FP32, ["elements"]), tensor("count", FP32, ["requests", 1])],
    [helper.make_tensor("one", INT64, [1], [1])],
)

# A shape tensor: y = x in the shape that it says, batch first.
save(
    "shape_tensor",
    [helper.make_node("Reshape", ["x", "shape"], ["y"])],
    [tensor("x", FP32, ["batch", 6]), tensor("shape", INT64, [3])],
    [tensor("y", FP32, ["batch", "n", "m"])],
)

# An input that has a default in the file.
save(
    "defaulted",
    [helper.make_node("Add", ["x", "bias"], ["y"])],
    [tensor("x", FP32, ["batch", 2]), tensor("bias", FP32, ["rows", 2])],
    [tensor("y", FP32, ["batch", 2])],
    [helper.make_tensor("bias", FP32, [1, 2], [10.0, 20.0])],
)
