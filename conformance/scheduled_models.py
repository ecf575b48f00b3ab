"""Models for the checks of schedulers, made with onnx: one that is as slow as it is asked to be, and one that keeps state."""
import numpy as np
from onnx import TensorProto, helper, numpy_helper, save


def _save(folder, graph, config):
    (folder / "1").mkdir(parents=True)
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "1" / "model.onnx")
    (folder / "config.pbtxt").write_text(config)


def slow(folder, config=""):
    """OUT = IN, after IN[0] products of matrices that need each other."""
    side = 128
    weights = numpy_helper.from_array(np.full((side, side), 1 / side, np.float32), "w")
    body = helper.make_graph(
        [helper.make_node("MatMul", ["m", "w"], ["m_next"]), helper.make_node("Identity", ["go"], ["go_next"])],
        "step",
        [helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("go", TensorProto.BOOL, []),
         helper.make_tensor_value_info("m", TensorProto.FLOAT, [side, side])],
        [helper.make_tensor_value_info("go_next", TensorProto.BOOL, []),
         helper.make_tensor_value_info("m_next", TensorProto.FLOAT, [side, side])])
    nodes = [
        helper.make_node("ReduceMax", ["IN"], ["count"], keepdims=0),
        helper.make_node("Loop", ["count", "", "m0"], ["m_last"], body=body),
        helper.make_node("ReduceMean", ["m_last"], ["mean"], keepdims=0),
        helper.make_node("Cast", ["mean"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Add", ["IN", "whole"], ["OUT"]),
    ]
    graph = helper.make_graph(
        nodes, "slow", [helper.make_tensor_value_info("IN", TensorProto.INT64, [1])],
        [helper.make_tensor_value_info("OUT", TensorProto.INT64, [1])],
        [weights, numpy_helper.from_array(np.zeros((side, side), np.float32), "m0")])
    _save(folder, graph, config)


def adder(folder, strategy, options="", text_ids=False, start=None):
    """SUM = state + IN, and what the controls were: FLAGS = START, READY, END; ID = the correlation id."""
    ids = TensorProto.STRING if text_ids else TensorProto.INT64
    value = helper.make_tensor_value_info
    nodes = [
        helper.make_node("Add", ["state_in", "IN"], ["SUM"]),
        helper.make_node("Identity", ["SUM"], ["state_out"]),
        helper.make_node("Cast", ["READY"], ["ready"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["END"], ["end"], to=TensorProto.FLOAT),
        helper.make_node("Concat", ["START", "ready", "end"], ["FLAGS"], axis=1),
        helper.make_node("Identity", ["CORRID"], ["ID"]),
    ]
    graph = helper.make_graph(
        nodes, "adder",
        [value("IN", TensorProto.FLOAT, ["n", 1]), value("START", TensorProto.FLOAT, ["n", 1]), value("READY", TensorProto.INT32, ["n", 1]),
         value("END", TensorProto.BOOL, ["n", 1]), value("CORRID", ids, ["n", 1]), value("state_in", TensorProto.FLOAT, ["n", 1])],
        [value("SUM", TensorProto.FLOAT, ["n", 1]), value("FLAGS", TensorProto.FLOAT, ["n", 3]), value("ID", ids, ["n", 1]),
         value("state_out", TensorProto.FLOAT, ["n", 1])])
    kind = "TYPE_STRING" if text_ids else "TYPE_INT64"
    initial = ""
    if start is not None:
        (folder / "initial_state").mkdir(parents=True)
        (folder / "initial_state" / "start").write_bytes(np.float32(start).tobytes())
        initial = 'initial_state { name: "start" data_type: TYPE_FP32 dims: [ 1 ] data_file: "start" }'
    _save(folder, graph, f"""
max_batch_size: 8
input {{ name: "IN" data_type: TYPE_FP32 dims: [ 1 ] }}
output {{ name: "SUM" data_type: TYPE_FP32 dims: [ 1 ] }}
output {{ name: "FLAGS" data_type: TYPE_FP32 dims: [ 3 ] }}
output {{ name: "ID" data_type: {kind} dims: [ 1 ] }}
sequence_batching {{
  {options}
  {strategy}
  control_input {{ name: "START" control {{ kind: CONTROL_SEQUENCE_START fp32_false_true: [ 0, 1 ] }} }}
  control_input {{ name: "READY" control {{ kind: CONTROL_SEQUENCE_READY int32_false_true: [ 0, 1 ] }} }}
  control_input {{ name: "END" control {{ kind: CONTROL_SEQUENCE_END bool_false_true: [ false, true ] }} }}
  control_input {{ name: "CORRID" control {{ kind: CONTROL_SEQUENCE_CORRID data_type: {kind} }} }}
  state {{ input_name: "state_in" output_name: "state_out" data_type: TYPE_FP32 dims: [ 1 ] {initial} }}
}}
""")
