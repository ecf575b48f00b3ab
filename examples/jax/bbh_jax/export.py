"""Rebuilds `bbh` in JAX with the weights of its ONNX file and exports it as StableHLO.

    pip install jax onnx
    python export.py ../../models/bbh/1/model.onnx . --rows 16

Writes a model folder: config.pbtxt and, for each batch size, 1/model.ROWS.stablehlo (a portable
artifact, which newer XLA reads too).
"""

import argparse
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import onnx
from jax import export, lax
from onnx import numpy_helper

CONFIG = """backend: "pjrt"
max_batch_size: {rows}
input {{ name: "strain" data_type: TYPE_FP32 dims: [ 2, 2048 ] }}
output {{ name: "score" data_type: TYPE_FP32 dims: [ 1 ] }}
"""


def weights(path):
    """Of convolutions and dense layers, in the order in which they run."""
    graph = onnx.load(path).graph
    arrays = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    return [tuple(arrays[name] for name in node.input[1:])
            for node in graph.node if node.op_type in ("Conv", "Gemm")]


def conv(x, layer, stride):
    weight, bias = layer
    half = weight.shape[2] // 2
    y = lax.conv_general_dilated(x, weight, (stride,), [(half, half)],
                                 dimension_numbers=("NCH", "OIH", "NCH"),
                                 precision=lax.Precision.HIGHEST)
    return y + bias[None, :, None]


def bbh(layers, strain):
    """A residual network of a stem, four blocks of three convolutions, and a head of two layers."""
    y = jax.nn.relu(conv(strain, layers[0], 4))
    for block in range(4):
        first, second, down = layers[1 + 3 * block : 4 + 3 * block]
        z = conv(jax.nn.relu(conv(y, first, 2)), second, 1)
        y = jax.nn.relu(z + conv(y, down, 2))
    y = jnp.concatenate([y.mean(-1), y.max(-1)], axis=1)
    (w1, b1), (w2, b2) = layers[13:]
    return jax.nn.relu(y @ w1.T + b1) @ w2.T + b2


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("onnx", type=pathlib.Path)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--rows", type=int, nargs="+", default=[1, 8, 64, 256])
    arguments.add_argument("--platform", nargs="+", default=["cpu"])
    options = arguments.parse_args()
    layers = weights(options.onnx)
    version = options.folder / "1"
    version.mkdir(parents=True, exist_ok=True)
    network = jax.jit(lambda strain: bbh(layers, strain))
    for rows in options.rows:
        shape = jax.ShapeDtypeStruct((rows, 2, 2048), np.float32)
        exported = export.export(network, platforms=options.platform)(shape)
        (version / f"model.{rows}.stablehlo").write_bytes(exported.mlir_module_serialized)
    (options.folder / "config.pbtxt").write_text(CONFIG.format(rows=max(options.rows)))


if __name__ == "__main__":
    main()
