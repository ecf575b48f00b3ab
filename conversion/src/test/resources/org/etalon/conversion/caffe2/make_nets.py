"""Writes networks as Caffe2 would, with inputs and the outputs that NumPy computes for them.

Needs NumPy alone: nets are serialized by the field numbers of Caffe2's published caffe2.proto, and
every operator is computed by its definition, one sum at a time. Run it in its folder:

    python make_nets.py .
"""

import itertools
import pathlib
import struct
import sys

import numpy as np

rng = np.random.default_rng(20260101)


# --- protobuf wire format -------------------------------------------------------------------------


def varint(number):
    number &= (1 << 64) - 1
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def chunk(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def argument(name, value):
    out = chunk(1, name.encode())
    if isinstance(value, bool):
        value = int(value)
    if isinstance(value, float):
        return out + varint(2 << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return out + varint(3 << 3) + varint(value)
    if isinstance(value, str):
        return out + chunk(4, value.encode())
    if isinstance(value, bytes):
        return out + chunk(8, value)
    values = list(value)
    if values and isinstance(values[0], str):
        return out + b"".join(chunk(7, each.encode()) for each in values)
    if values and isinstance(values[0], (float, np.floating)):
        return out + b"".join(varint(5 << 3 | 5) + struct.pack("<f", each) for each in values)
    return out + b"".join(varint(6 << 3) + varint(int(each)) for each in values)


def op(kind, inputs, outputs, **arguments):
    out = b"".join(chunk(1, each.encode()) for each in inputs)
    out += b"".join(chunk(2, each.encode()) for each in outputs)
    out += chunk(4, kind.encode())
    return out + b"".join(chunk(5, argument(name, value)) for name, value in arguments.items())


def net(name, operators, inputs=(), outputs=()):
    out = chunk(1, name.encode())
    out += b"".join(chunk(2, each) for each in operators)
    out += b"".join(chunk(7, each.encode()) for each in inputs)
    return out + b"".join(chunk(8, each.encode()) for each in outputs)


FILLS = {"float32": "GivenTensorFill", "int32": "GivenTensorIntFill", "int64": "GivenTensorInt64Fill"}


def fill(name, array):
    values = array.ravel().tolist()
    return op(FILLS[str(array.dtype)], [], [name], shape=array.shape, values=values)


def write(name, operators, weights, inputs, outputs):
    folder = pathlib.Path(sys.argv[1]) / name
    folder.mkdir(parents=True, exist_ok=True)
    init = net("init", [fill(blob, array) for blob, array in weights.items()])
    predict = net(name, operators, [*inputs, *weights], outputs)
    (folder / "init_net.pb").write_bytes(init)
    (folder / "predict_net.pb").write_bytes(predict)
    for blob, array in inputs.items():
        np.save(folder / f"in_{blob}.npy", array)
    for blob, array in outputs.items():
        whole = np.asarray(array)
        np.save(folder / f"out_{blob}.npy", whole if whole.dtype.kind == "i" else whole.astype(np.float32))


def real(*shape):
    return rng.standard_normal(shape).astype(np.float32)


# --- operators by their definitions, in double precision ------------------------------------------


def conv(x, w, b, stride=(1, 1), pads=(0, 0, 0, 0), dilation=(1, 1), group=1):
    x = np.pad(x.astype(float), [(0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])])
    kh, kw = w.shape[2:]
    height = (x.shape[2] - dilation[0] * (kh - 1) - 1) // stride[0] + 1
    width = (x.shape[3] - dilation[1] * (kw - 1) - 1) // stride[1] + 1
    y = np.zeros((x.shape[0], w.shape[0], height, width))
    per_in, per_out = w.shape[1], w.shape[0] // group
    for n, m, i, j in np.ndindex(*y.shape):
        first = m // per_out * per_in
        for c, p, q in itertools.product(range(per_in), range(kh), range(kw)):
            row, column = i * stride[0] + p * dilation[0], j * stride[1] + q * dilation[1]
            y[n, m, i, j] += x[n, first + c, row, column] * w[m, c, p, q]
    return y + b.reshape(1, -1, 1, 1)


def conv_transpose(x, w, b, stride, pad, adj):
    n, c, h, wd = x.shape
    kh, kw = w.shape[2:]
    full = np.zeros((n, w.shape[1], (h - 1) * stride + kh + adj, (wd - 1) * stride + kw + adj))
    for k, i, j in itertools.product(range(c), range(h), range(wd)):
        for m, p, q in np.ndindex(*w.shape[1:]):
            full[:, m, i * stride + p, j * stride + q] += x[:, k, i, j].astype(float) * w[k, m, p, q]
    end = [full.shape[2] - pad, full.shape[3] - pad]
    return full[:, :, pad : end[0], pad : end[1]] + b.reshape(1, -1, 1, 1)


def pool(x, kernel, stride, pad, how, ceil=False):
    """Windows are cut at the border, and means are over what is left."""
    size = x.shape[2]
    steps = (size + 2 * pad - kernel) / stride
    count = int(np.ceil(steps) if ceil else np.floor(steps)) + 1
    y = np.zeros((*x.shape[:2], count, count))
    for i, j in np.ndindex(count, count):
        rows = slice(max(0, i * stride - pad), min(size, i * stride - pad + kernel))
        columns = slice(max(0, j * stride - pad), min(size, j * stride - pad + kernel))
        y[:, :, i, j] = how(x[:, :, rows, columns], axis=(2, 3))
    return y


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def batch_norm(x, scale, bias, mean, variance, epsilon):
    c = (1, -1, 1, 1)
    return (x - mean.reshape(c)) / np.sqrt(variance.reshape(c) + epsilon) * scale.reshape(c) + bias.reshape(c)


def lrn(x, size, alpha, beta, bias):
    y = np.zeros(x.shape)
    for c in range(x.shape[1]):
        near = x[:, max(0, c - size // 2) : c + size // 2 + 1].astype(float)
        y[:, c] = x[:, c] / (bias + alpha / size * (near**2).sum(axis=1)) ** beta
    return y


# --- networks -------------------------------------------------------------------------------------


def convolutional():
    """Groups, strides, dilation, every way to say pads, blobs that are overwritten, a classifier."""
    x = real(3, 4, 9, 9)
    w = {
        "w1": real(6, 2, 3, 3), "b1": real(6), "w2": real(4, 6, 3, 2), "b2": real(4),
        "scale": real(6), "bias": real(6), "mean": real(6), "var": np.abs(real(6)) + 0.5,
        "slope": real(4), "fc_w": real(5, 4 * 5 * 4), "fc_b": real(5),
    }
    operators = [
        op("Conv", ["x", "w1", "b1"], ["c"], kernel=3, pad=1, group=2, order="NCHW"),
        op("SpatialBN", ["c", "scale", "bias", "mean", "var"], ["c"], is_test=1, epsilon=1e-3),
        op("Relu", ["c"], ["c"]),
        op("LRN", ["c"], ["c"], size=3, alpha=0.3, beta=0.75, bias=1.5),
        op("Conv", ["c", "w2", "b2"], ["d"], kernel_h=3, kernel_w=2, stride_h=2, stride_w=1,
           dilations=[1, 2], pad_t=1, pad_l=0, pad_b=1, pad_r=2),
        op("PRelu", ["d", "slope"], ["d"]),
        op("MaxPool", ["d"], ["p"], kernel=2, stride=2, legacy_pad=3),
        op("AveragePool", ["d"], ["q"], kernel=3, stride=1, pad=1),
        op("MaxPool", ["q"], ["m"], kernels=[1, 2], strides=[1, 2]),
        op("Dropout", ["m"], ["m", "mask"], ratio=0.5, is_test=1),
        op("AveragePool", ["p"], ["g"], global_pooling=1),
        op("Flatten", ["m"], ["m"]),
        op("FC", ["m", "fc_w", "fc_b"], ["y"]),
        op("Softmax", ["y"], ["prob"]),
    ]
    c = conv(x, w["w1"], w["b1"], pads=(1, 1, 1, 1), group=2)
    c = np.maximum(batch_norm(c, w["scale"], w["bias"], w["mean"], w["var"], 1e-3), 0)
    c = lrn(c, 3, 0.3, 0.75, 1.5)
    d = conv(c, w["w2"], w["b2"], stride=(2, 1), pads=(1, 0, 1, 2), dilation=(1, 2))
    d = np.where(d > 0, d, d * w["slope"].reshape(1, -1, 1, 1))
    h, wd = d.shape[2:]
    p = np.full((3, 4, -(-h // 2), -(-wd // 2)), -np.inf)
    q = np.zeros(d.shape)
    for i, j in np.ndindex(*p.shape[2:]):
        p[:, :, i, j] = d[:, :, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max(axis=(2, 3))
    for i, j in np.ndindex(h, wd):
        q[:, :, i, j] = d[:, :, max(0, i - 1) : i + 2, max(0, j - 1) : j + 2].mean(axis=(2, 3))
    m = np.maximum(q[..., 0 : wd // 2 * 2 : 2], q[..., 1::2][..., : wd // 2])
    y = m.reshape(3, -1) @ w["fc_w"].T.astype(float) + w["fc_b"]
    write("convolutional", operators, w, {"x": x},
          {"prob": softmax(y), "g": p.mean(axis=(2, 3), keepdims=True)})


def channels_last():
    x = real(2, 7, 7, 3)
    w = {"w1": real(4, 3, 3, 3), "b1": real(4), "scale": real(4), "bias": real(4), "mean": real(4),
         "var": np.abs(real(4)) + 0.5, "wt": real(4, 2, 2, 2), "bt": real(2)}
    operators = [
        op("Conv", ["x", "w1", "b1"], ["c"], kernel=3, stride=2, legacy_pad=2, order="NHWC"),
        op("SpatialBN", ["c", "scale", "bias", "mean", "var"], ["c"], is_test=1, order="NHWC"),
        op("Elu", ["c"], ["c"], alpha=0.7),
        op("AveragePool", ["c"], ["a"], kernel=2, stride=1, order="NHWC"),
        op("ConvTranspose", ["a", "wt", "bt"], ["t"], kernel=2, stride=2, order="NHWC"),
        op("Concat", ["t", "t"], ["y", "info"], order="NHWC"),
    ]
    first = np.moveaxis(x, 3, 1)
    c = conv(first, np.moveaxis(w["w1"], 3, 1), w["b1"], stride=(2, 2), pads=(1, 1, 1, 1))
    c = batch_norm(c, w["scale"], w["bias"], w["mean"], w["var"], 1e-5)
    c = np.where(c > 0, c, 0.7 * (np.exp(c) - 1))
    a = pool(c, 2, 1, 0, np.mean)
    t = conv_transpose(a, np.moveaxis(w["wt"], 3, 1), w["bt"], 2, 0, 0)
    t = np.moveaxis(t, 1, 3)
    write("channels_last", operators, w, {"x": x},
          {"y": np.concatenate([t, t], axis=3), "info": np.array([2, 2], np.int32)})


def decoder():
    """Images grown again: transposed convolution, nearest neighbours, borders."""
    x = real(2, 3, 4, 4)
    w = {"w": real(3, 2, 3, 3), "b": real(2)}
    operators = [
        op("PadImage", ["x"], ["p"], pad_t=1, pad_l=2, pad_b=0, pad_r=1, mode="reflect"),
        op("ConvTranspose", ["x", "w", "b"], ["t"], kernel=3, stride=2, pad=1, adj=1),
        op("ResizeNearest", ["t"], ["r"], height_scale=2.0, width_scale=1.5),
        op("LeakyRelu", ["r"], ["r"], alpha=0.2),
    ]
    t = conv_transpose(x, w["w"], w["b"], 2, 1, 1)
    rows = np.arange(t.shape[2] * 2) // 2
    columns = (np.arange(int(t.shape[3] * 1.5)) / 1.5).astype(int)
    r = t[:, :, rows][:, :, :, columns]
    p = np.pad(x, [(0, 0), (0, 0), (1, 0), (2, 1)], mode="reflect")
    write("decoder", operators, w, {"x": x}, {"r": np.where(r > 0, r, 0.2 * r), "p": p})


def dense():
    """Dense layers over any axis, legacy broadcasting, products of matrices."""
    x = real(4, 3, 5)
    w = {"w1": real(6, 5), "b1": real(6), "w2": real(18, 7), "b2": real(7), "c": real(3),
         "s": real(6), "right": real(4, 6, 2), "m": real(7, 7)}
    operators = [
        op("FC", ["x", "w1", "b1"], ["h"], axis=2),
        op("Add", ["h", "c"], ["h"], broadcast=1, axis=1),
        op("Mul", ["h", "s"], ["h"], broadcast=1),
        op("Tanh", ["h"], ["h"]),
        op("BatchMatMul", ["h", "right"], ["bm"]),
        op("BatchMatMul", ["h", "h"], ["gram"], trans_b=1),
        op("FCTransposed", ["h", "w2", "b2"], ["z"]),
        op("MatMul", ["z", "m"], ["mm"], trans_b=1),
        op("LogSoftmax", ["mm"], ["logp"]),
        op("Sum", ["z", "mm", "z"], ["sum"]),
    ]
    h = x @ w["w1"].T.astype(float) + w["b1"]
    h = np.tanh((h + w["c"].reshape(1, 3, 1)) * w["s"])
    z = h.reshape(4, 18) @ w["w2"] + w["b2"]
    mm = z @ w["m"].T
    write("dense", operators, w, {"x": x},
          {"bm": h @ w["right"], "gram": h @ h.transpose(0, 2, 1),
           "logp": np.log(softmax(mm)), "sum": 2 * z + mm})


def shapes():
    """Elements moved about."""
    x, y = real(4, 6, 5), real(4, 2, 5)
    w = {"sizes": np.array([1, 3, 4], np.int32), "target": np.array([0, -1], np.int64),
         "first": np.array([0, 1, 2], np.int32), "last": np.array([-1, -2, 4], np.int32)}
    operators = [
        op("Concat", ["x", "y"], ["xy", "info"]),
        op("Split", ["xy", "sizes"], ["a", "b", "c"], axis=1),
        op("Split", ["x"], ["left", "right"], axis=1),
        op("Reshape", ["b", "target"], ["flat", "old"]),
        op("Copy", ["left"], ["left"]),
        op("Transpose", ["c"], ["turned"], axes=[0, 2, 1]),
        op("ExpandDims", ["a"], ["deep"], dims=[0, 4]),
        op("Squeeze", ["deep"], ["a"], dims=[0, 4]),
        op("Slice", ["x", "first", "last"], ["cut"]),
        op("Concat", ["left", "right"], ["stack", "info2"], axis=1, add_axis=1),
        op("NCHW2NHWC", ["stack"], ["stack"]),
        op("FlattenToVec", ["right"], ["vector"]),
    ]
    xy = np.concatenate([x, y], axis=1)
    stack = np.stack([x[:, :3], x[:, 3:]], axis=1)
    write("shapes", operators, w, {"x": x, "y": y},
          {"info": np.array([6, 2], np.int32), "flat": xy[:, 1:4].reshape(4, 15),
           "old": np.array([4, 3, 5], np.int64), "turned": xy[:, 4:].transpose(0, 2, 1), "a": xy[:, :1],
           "cut": x[:, 1:5, 2:4], "stack": np.moveaxis(stack, 1, 3), "vector": x[:, 3:].ravel()})


def elements():
    """Functions of single elements, and sums over axes."""
    x, y = real(3, 4, 5), np.abs(real(3, 4, 5)) + 0.1
    operators = [
        op("Sigmoid", ["x"], ["sig"]), op("Exp", ["x"], ["e"]), op("Log", ["y"], ["l"]),
        op("Sqrt", ["y"], ["r"]), op("Rsqrt", ["y"], ["ir"]), op("Abs", ["x"], ["abs"]),
        op("Negative", ["x"], ["neg"]), op("Sqr", ["x"], ["sq"]), op("Swish", ["x"], ["sw"]),
        op("Pow", ["y"], ["pow"], exponent=1.5), op("Scale", ["x"], ["sc"], scale=2.5),
        op("Clip", ["x"], ["cl"], min=-0.5, max=0.75), op("Selu", ["x"], ["se"]),
        op("Cast", ["x"], ["i"], to=2), op("Div", ["x", "y"], ["div"]), op("Sub", ["x", "y"], ["sub"]),
        op("Max", ["x", "y"], ["mx"]), op("ReduceSum", ["x"], ["rs"], axes=[1], keepdims=0),
        op("ReduceMean", ["x"], ["rm"], axes=[-1, 1]), op("ReduceMax", ["x"], ["rx"], axes=[2]),
        op("ReduceFrontMean", ["x"], ["rf"]), op("ReduceBackSum", ["x"], ["rb"], num_reduce_dim=2),
        op("ReduceL2", ["x"], ["l2"], axes=[2], keepdims=0),
        op("ConstantFill", ["x"], ["ones"], value=1.0),
    ]
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    d = x.astype(float)
    outputs = {
        "sig": sigmoid(d), "e": np.exp(d), "l": np.log(y), "r": np.sqrt(y), "ir": 1 / np.sqrt(y),
        "abs": np.abs(x), "neg": -x, "sq": d * d, "sw": d * sigmoid(d), "pow": y**1.5, "sc": 2.5 * d,
        "cl": np.clip(d, -0.5, 0.75), "se": scale * np.where(d > 0, d, alpha * (np.exp(d) - 1)),
        "i": np.trunc(x).astype(np.int32), "div": d / y, "sub": d - y, "mx": np.maximum(x, y),
        "rs": d.sum(axis=1), "rm": d.mean(axis=(1, 2), keepdims=True), "rx": x.max(axis=2, keepdims=True),
        "rf": d.mean(axis=0), "rb": d.sum(axis=(1, 2)), "l2": np.sqrt((d * d).sum(axis=2)),
        "ones": np.ones(x.shape),
    }
    write("elements", operators, {}, {"x": x, "y": y}, outputs)


def recurrent(name, has_lengths, is_dropping):
    """An LSTM as Caffe2's Python writes it: gates of the input outside, one net a step inside."""
    steps, batch, features, size = 6, 3, 4, 5
    x, lengths = real(steps, batch, features), np.array([6, 2, 4], np.int32)
    w = {"i_w": real(4 * size, features), "i_b": real(4 * size), "g_w": real(4 * size, size) * 0.5,
         "g_b": real(4 * size), "h0": real(1, batch, size), "c0": real(size)}
    unit = ["h_prev", "c_prev", "gates"] + (["lengths"] if has_lengths else []) + ["timestep"]
    inner = net("step", [
        op("FC", ["h_prev", "g_w", "g_b"], ["gates"], axis=2),
        op("Sum", ["gates", "input_t"], ["gates"]),
        op("LSTMUnit", unit, ["h", "c"], forget_bias=0.5, sequence_lengths=int(has_lengths),
           drop_states=int(is_dropping)),
    ])
    operators = [
        op("FC", ["x", "i_w", "i_b"], ["input"], axis=2),
        op("RecurrentNetwork",
           ["input", "h0", "c0", "g_w", "g_b"] + (["lengths"] if has_lengths else []),
           ["h_all", "h_last", "c_all", "c_last", "workspaces"],
           step_net=inner, timestep="timestep",
           recurrent_states=["h_states", "c_states"], initial_recurrent_state_ids=[1, 2],
           link_internal=["h_prev", "h", "c_prev", "c", "input_t"],
           link_external=["h_states", "h_states", "c_states", "c_states", "input"],
           link_offset=[0, 1, 0, 1, 0],
           alias_src=["h_states", "h_states", "c_states", "c_states"],
           alias_dst=["h_all", "h_last", "c_all", "c_last"], alias_offset=[1, -1, 1, -1]),
    ]
    h, c = w["h0"][0].astype(float), np.tile(w["c0"].astype(float), (batch, 1))
    all_h = []
    for t in range(steps):
        gates = x[t] @ w["i_w"].T.astype(float) + w["i_b"] + h @ w["g_w"].T.astype(float) + w["g_b"]
        i, f, o, g = np.split(gates, 4, axis=1)
        new_c = sigmoid(f + 0.5) * c + sigmoid(i) * np.tanh(g)
        new_h = sigmoid(o) * np.tanh(new_c)
        is_running = (t < lengths if has_lengths else np.ones(batch, bool))[:, None]
        keep = 0 if is_dropping else 1
        c, h = np.where(is_running, new_c, keep * c), np.where(is_running, new_h, keep * h)
        all_h.append(h)
    inputs = {"x": x, "lengths": lengths} if has_lengths else {"x": x}
    write(name, operators, w, inputs, {"h_all": np.stack(all_h), "h_last": h[None], "c_last": c[None]})


def gru():
    """Reset gate in the step's net, as Caffe2's GRUCell has it."""
    steps, batch, size = 5, 2, 4
    x = real(steps, batch, 3 * size)
    w = {"r_w": real(size, size), "r_b": real(size), "u_w": real(size, size), "u_b": real(size),
         "o_w": real(size, size), "o_b": real(size), "h0": real(1, batch, size)}
    inner = net("step", [
        op("Split", ["input_t"], ["in_r", "in_u", "in_o"], axis=2),
        op("FC", ["h_prev", "r_w", "r_b"], ["r"], axis=2),
        op("Sum", ["r", "in_r"], ["r"]),
        op("Sigmoid", ["r"], ["reset"]),
        op("FC", ["h_prev", "u_w", "u_b"], ["u"], axis=2),
        op("Sum", ["u", "in_u"], ["u"]),
        op("Mul", ["h_prev", "reset"], ["hr"]),
        op("FC", ["hr", "o_w", "o_b"], ["o"], axis=2),
        op("Sum", ["o", "in_o"], ["o"]),
        op("Concat", ["r", "u", "o"], ["gates", "gates_info"], axis=2),
        op("GRUUnit", ["h_prev", "gates", "timestep"], ["h"], sequence_lengths=0),
    ])
    operators = [
        op("RecurrentNetwork", ["x", "h0", "r_w", "r_b", "u_w", "u_b", "o_w", "o_b"],
           ["h_all", "h_last", "workspaces"], step_net=inner,
           recurrent_states=["h_states"], initial_recurrent_state_ids=[1],
           link_internal=["h_prev", "h", "input_t"], link_external=["h_states", "h_states", "x"],
           link_offset=[0, 1, 0], link_window=[1, 1, 1], alias_src=["h_states", "h_states"],
           alias_dst=["h_all", "h_last"], alias_offset=[1, -1]),
    ]
    h, all_h = w["h0"][0].astype(float), []
    for t in range(steps):
        in_r, in_u, in_o = np.split(x[t].astype(float), 3, axis=1)
        reset = sigmoid(h @ w["r_w"].T + w["r_b"] + in_r)
        update = sigmoid(h @ w["u_w"].T + w["u_b"] + in_u)
        output = np.tanh((h * reset) @ w["o_w"].T + w["o_b"] + in_o)
        h = h * update + output * (1 - update)
        all_h.append(h)
    write("gru", operators, w, {"x": x}, {"h_all": np.stack(all_h), "h_last": h[None]})


convolutional()
channels_last()
decoder()
dense()
shapes()
elements()
recurrent("lstm", has_lengths=False, is_dropping=False)
recurrent("lstm_lengths", has_lengths=True, is_dropping=False)
recurrent("lstm_dropping", has_lengths=True, is_dropping=True)
gru()
