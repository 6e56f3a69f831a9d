"""Checks ONNX models: `python check_onnx.py <model.onnx>...`. Needs the package onnx.

The checker passes over nodes of other domains than ONNX's own, and infers nothing behind them. So each model is checked twice:
as it is, and with standard ops of the same result type in place of each of ONNX Runtime's own ops. In the second, types and
shapes of every node are inferred strictly, up to the declared outputs.
"""

import sys

import onnx
from onnx.helper import get_attribute_value, make_node


def ranks_of(model: onnx.ModelProto) -> dict[str, int]:
    """Rank of every tensor whose shape can be inferred."""
    graph = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
    infos = [*graph.value_info, *graph.input, *graph.output]
    ranks = {i.name: len(i.type.tensor_type.shape.dim) for i in infos if i.type.tensor_type.HasField("shape")}
    return ranks | {tensor.name: len(tensor.dims) for tensor in graph.initializer}


def stand_ins(node: onnx.NodeProto, ranks: dict[str, int]) -> list[onnx.NodeProto]:
    """Standard nodes whose result has the type of the node's."""
    if node.op_type == "MultiHeadAttention":  # [B, N, D], as the queries
        return [make_node("Identity", node.input[:1], node.output)]
    if node.op_type == "BiasGelu":  # [..., D], as its operand
        return [make_node("Add", node.input, node.output)]
    if node.op_type != "FusedMatMul":
        raise ValueError(f"Cannot check {node.domain} {node.op_type}: no standard op stands in for it")
    attributes = {a.name: get_attribute_value(a) for a in node.attribute}
    nodes, operands = [], []
    for name, key in zip(node.input, ["transA", "transB"]):
        if attributes[key]:
            axes = list(range(ranks[name]))
            swapped = f"{node.name} {key}"
            nodes.append(make_node("Transpose", [name], [swapped], perm=[*axes[:-2], axes[-1], axes[-2]]))
            name = swapped
        operands.append(name)
    return [*nodes, make_node("MatMul", operands, node.output)]


def check(path: str) -> str:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    count = len(model.graph.node)
    own = sum(1 for node in model.graph.node if node.domain)
    while any(node.domain for node in model.graph.node):
        # What lies behind a node can be inferred once it is replaced
        ranks = ranks_of(model)
        nodes = list(model.graph.node)
        ready = [bool(node.domain) and all(name in ranks for name in node.input) for node in nodes]
        if not any(ready):
            raise ValueError("Cannot infer the operands of ONNX Runtime's own ops")
        del model.graph.node[:]
        for node, now in zip(nodes, ready):
            model.graph.node.extend(stand_ins(node, ranks) if now else [node])
    onnx.checker.check_model(model, full_check=True)
    ranks = ranks_of(model)
    unknown = [name for node in model.graph.node for name in node.output if name not in ranks]
    if unknown:
        raise ValueError(f"Cannot infer {len(unknown)} results: {', '.join(unknown[:5])}")
    return f"{count:5} nodes, {own:4} of ONNX Runtime's own"


failed = False
for path in sys.argv[1:]:
    name = path.split("/")[-1]
    try:
        print(f"{name:32} ok      {check(path)}")
    except Exception as error:
        failed = True
        print(f"{name:32} FAILED  {str(error)[:2000]}")
print(f"checked by onnx {onnx.__version__}")
sys.exit(failed)
