"""Jinja2's expressions, written as JavaScript that calls what static/sw/values.js exports."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from functools import singledispatch

from jinja2 import nodes

from poc.dialect.environment import LOOP_WORDS
from poc.dialect.filters import FILTERS, LARGEST, TESTS
from poc.dialect.scope import Scope

BINARY = {"+": "add", "-": "subtract", "*": "multiply", "//": "divide", "%": "remainder"}
COMPARED = {
    "eq": "v.equal({}, {})",
    "ne": "!v.equal({}, {})",
    "lt": "(v.compare({}, {}) < 0)",
    "lteq": "(v.compare({}, {}) <= 0)",
    "gt": "(v.compare({}, {}) > 0)",
    "gteq": "(v.compare({}, {}) >= 0)",
    "in": "v.within({}, {})",
    "notin": "!v.within({}, {})",
}
INSTEAD = {
    "/": "let the query divide, or use // for whole numbers",
    "**": "let the query work it out",
}
NOT_HERE = {
    "loop": "loop is known only as loop.index and the like, inside its own for",
    "self": "self is not in the dialect: set what is shown twice, or make it a macro",
    "super": "super is only ever called, as super(), inside a block",
    "caller": "caller is not in the dialect: give the macro an argument",
    "varargs": "varargs is not in the dialect: name the macro's arguments",
    "kwargs": "kwargs is not in the dialect: name the macro's arguments",
    "namespace": "namespace is only ever called, as namespace(name=value)",
}


@singledispatch
def expression(node: nodes.Node, scope: Scope) -> str:
    raise scope.refused(node, f"{type(node).__name__} is not in the dialect.")


@expression.register
def a_constant(node: nodes.Const, scope: Scope) -> str:
    if isinstance(node.value, float):
        raise scope.refused(node, "numbers have no fractions here: count in smaller units.")
    if isinstance(node.value, int) and abs(node.value) > LARGEST:
        raise scope.refused(node, f"a device counts only to {LARGEST}.")
    return literal(node.value)


@expression.register
def a_name(node: nodes.Name, scope: Scope) -> str:
    if node.name in NOT_HERE:
        raise scope.refused(node, f"{NOT_HERE[node.name]}.")
    ref = scope.ref(node.name)
    if scope.is_parameter(node.name) and not scope.in_defaults:
        return ref
    return f"v.named({ref}, {literal(node.name)})"


@expression.register
def an_attribute(node: nodes.Getattr, scope: Scope) -> str:
    if isinstance(node.node, nodes.Name) and node.node.name == "loop":
        return a_loop_word(node, scope)
    return f"v.item({expression(node.node, scope)}, {literal(node.attr)})"


def a_loop_word(node: nodes.Getattr, scope: Scope) -> str:
    if node.attr not in LOOP_WORDS:
        known = ", ".join(sorted(LOOP_WORDS))
        raise scope.refused(node, f"loop.{node.attr} is not in the dialect: it has {known}.")
    if not scope.is_parameter("loop"):
        raise scope.refused(node, f"{NOT_HERE['loop']}.")
    return f"{scope.ref('loop')}.{node.attr}"


@expression.register
def a_key(node: nodes.Getitem, scope: Scope) -> str:
    if isinstance(node.arg, nodes.Slice):
        sentence = "slicing is not in the dialect: let the query give what is shown."
        raise scope.refused(node, sentence)
    return f"v.item({expression(node.node, scope)}, {expression(node.arg, scope)})"


@expression.register
def a_list(node: nodes.List, scope: Scope) -> str:
    return f"[{expressions(node.items, scope)}]"


@expression.register
def a_tuple(node: nodes.Tuple, scope: Scope) -> str:
    return f"v.tuple({expressions(node.items, scope)})"


@expression.register
def a_dict(node: nodes.Dict, scope: Scope) -> str:
    pairs = (f"[{expressions([pair.key, pair.value], scope)}]" for pair in node.items)
    return f"v.dictionary([{', '.join(pairs)}])"


@expression.register
def a_negative(node: nodes.Neg, scope: Scope) -> str:
    return f"v.negative({expression(node.node, scope)})"


@expression.register
def a_positive(node: nodes.Pos, scope: Scope) -> str:
    return f"v.positive({expression(node.node, scope)})"


@expression.register
def a_denial(node: nodes.Not, scope: Scope) -> str:
    return f"!v.truth({expression(node.node, scope)})"


@expression.register
def both(node: nodes.And, scope: Scope) -> str:
    return f"v.and({expression(node.left, scope)}, () => {expression(node.right, scope)})"


@expression.register
def either(node: nodes.Or, scope: Scope) -> str:
    return f"v.or({expression(node.left, scope)}, () => {expression(node.right, scope)})"


@expression.register
def a_sum(node: nodes.BinExpr, scope: Scope) -> str:
    if node.operator in INSTEAD:
        sentence = f"{node.operator} is not in the dialect: {INSTEAD[node.operator]}."
        raise scope.refused(node, sentence)
    return f"v.{BINARY[node.operator]}({expressions([node.left, node.right], scope)})"


@expression.register
def a_concatenation(node: nodes.Concat, scope: Scope) -> str:
    return f"v.concat({expressions(node.nodes, scope)})"


@expression.register
def a_comparison(node: nodes.Compare, scope: Scope) -> str:
    if len(node.ops) > 1:
        raise scope.refused(node, "chained comparison is not in the dialect: join two with and.")
    right = expression(node.ops[0].expr, scope)
    return COMPARED[node.ops[0].op].format(expression(node.expr, scope), right)


@expression.register
def a_choice(node: nodes.CondExpr, scope: Scope) -> str:
    if node.expr2 is None:
        raise scope.refused(node, 'if without else is not in the dialect here: add else "".')
    chosen, other = expression(node.expr1, scope), expression(node.expr2, scope)
    return f"(v.truth({expression(node.test, scope)}) ? {chosen} : {other})"


@expression.register
def a_test(node: nodes.Test, scope: Scope) -> str:
    return applied("t", node, TESTS, scope)


@expression.register
def a_filter(node: nodes.Filter, scope: Scope) -> str:
    if node.name == "vcard" and not scope.source.name.endswith(".vcf"):
        raise scope.refused(node, "vcard escapes nothing: it is for .vcf templates only.")
    return applied("f", node, FILTERS, scope)


Known = Mapping[str, Callable[..., object]]


def applied(kind: str, node: nodes.Filter | nodes.Test, known: Known, scope: Scope) -> str:
    word = "filter" if kind == "f" else "test"
    if node.name not in known:
        has = ", ".join(sorted(known))
        raise scope.refused(node, f"the {word} {node.name} is not in the dialect: it has {has}.")
    given = arguments(node, known[node.name], scope)
    return f"{kind}.{node.name}({', '.join(given)})"


def arguments(
    node: nodes.Filter | nodes.Test, function: Callable[..., object], scope: Scope
) -> list[str]:
    """What a filter is given, by position, in the order in which both twins name it."""
    refuse_stars(node, scope)
    named = {str(pair.key): pair.value for pair in node.kwargs}
    parameters = inspect.signature(function).parameters.values()
    taken = inspect.Signature([p for p in parameters if p.name != "environment"])
    try:
        bound = taken.bind(node.node, *node.args, **named)
    except TypeError as error:
        raise scope.refused(node, f"{node.name}: {error}.") from error
    refuse_unknown_test(node, bound.arguments, scope)
    written = []
    for name, parameter in taken.parameters.items():
        value = bound.arguments.get(name)
        several = value or () if parameter.kind is parameter.VAR_POSITIONAL else [value]
        written += [expression(one, scope) if one else "undefined" for one in several]
    while written[-1] == "undefined":
        written.pop()
    return written


def refuse_unknown_test(
    node: nodes.Filter | nodes.Test, given: Mapping[str, nodes.Expr], scope: Scope
) -> None:
    test = given.get("test")
    if test is None or (isinstance(test, nodes.Const) and test.value in TESTS):
        return
    raise scope.refused(node, f"{node.name} knows only these tests: {', '.join(sorted(TESTS))}.")


def refuse_stars(node: nodes.Filter | nodes.Test | nodes.Call, scope: Scope) -> None:
    if node.dyn_args or node.dyn_kwargs:
        raise scope.refused(node, "* and ** are not in the dialect: name each argument.")


@expression.register
def a_call(node: nodes.Call, scope: Scope) -> str:
    refuse_stars(node, scope)
    if isinstance(node.node, nodes.Name):
        return a_named_call(node, node.node.name, scope)
    if isinstance(node.node, nodes.Getattr) and is_module(node.node.node, scope):
        return a_macro_call(node, scope)
    sentence = "methods are not in the dialect: use a filter, or let the query do it."
    raise scope.refused(node, sentence)


def a_named_call(node: nodes.Call, name: str, scope: Scope) -> str:
    if name == "super" and scope.frame.block and not node.args and not node.kwargs:
        return f"c.super({literal(scope.frame.block)}, depth)"
    if name == "namespace" and not node.args:
        return f"new v.Namespace({named_arguments(node, scope)})"
    if name in NOT_HERE:
        raise scope.refused(node, f"{NOT_HERE[name]}.")
    if name not in scope.source.named:
        sentence = f"{name} is no macro of this template: define it here or import it."
        raise scope.refused(node, sentence)
    return a_macro_call(node, scope)


def is_module(node: nodes.Expr, scope: Scope) -> bool:
    return isinstance(node, nodes.Name) and node.name in scope.source.modules


def a_macro_call(node: nodes.Call, scope: Scope) -> str:
    macro, positional = expression(node.node, scope), expressions(node.args, scope)
    return f"p.call({macro}, [{positional}], {named_arguments(node, scope)})"


def named_arguments(node: nodes.Call, scope: Scope) -> str:
    return record((str(pair.key), expression(pair.value, scope)) for pair in node.kwargs)


def record(pairs: Iterable[tuple[str, str]]) -> str:
    """A JavaScript object; the brackets make even __proto__ a name like any other."""
    return f"{{{', '.join(f'[{literal(name)}]: {value}' for name, value in pairs)}}}"


def expressions(many: list[nodes.Expr], scope: Scope) -> str:
    return ", ".join(expression(one, scope) for one in many)


def literal(value: str | int | list[str] | None) -> str:
    return json.dumps(value, ensure_ascii=False)
