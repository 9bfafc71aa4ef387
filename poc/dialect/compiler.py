"""Jinja2's own syntax tree of a template, written as one JavaScript expression."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.compiler import find_undeclared

from poc.dialect.expressions import NOT_HERE, expression, literal, record
from poc.dialect.scope import Refused, Scope, Source

REFUSED: dict[type[nodes.Node], str] = {
    nodes.CallBlock: "call blocks are not in the dialect: set a block and give it to the macro.",
    nodes.FilterBlock: "filter blocks are not in the dialect: set a block, then filter its name.",
    nodes.ScopedEvalContextModifier: "autoescape is always on: leave the tag out.",
}


def compile_template(environment: Environment, name: str) -> str:
    """A JavaScript function of values, filters, tests and the page being filled."""
    tree = parsed(environment, name)
    source = Source(name, environment)
    look_around(tree, source)
    root = body(tree, source)
    blocks = "".join(map(lambda node: block(node, source), tree.find_all(nodes.Block)))
    return f"(v, f, t, p) => ({{\nbody(c) {{\n{root}}},\nblocks: {{\n{blocks}}},\n}})"


def parsed(environment: Environment, name: str) -> nodes.Template:
    assert environment.loader is not None
    text, filename, _ = environment.loader.get_source(environment, name)
    try:
        return environment.parse(text, name, filename)
    except TemplateSyntaxError as error:
        raise Refused(name, error.lineno, str(error.message)) from error


def look_around(tree: nodes.Template, source: Source) -> None:
    """Note the names a template gives a meaning to, and refuse those that have one already."""
    scope = source.root()
    for node in tree.find_all((nodes.Name, nodes.Macro, nodes.Import, nodes.FromImport)):
        names = set(given_names(node))
        for name in sorted(names & set(NOT_HERE)):
            raise scope.refused(node, f"{name} means something else here: choose another name.")
        source.named |= names
    source.modules = {node.target for node in tree.find_all(nodes.Import)}
    seen = set()
    for node in tree.find_all(nodes.Block):
        if node.name in seen:
            raise scope.refused(node, f"the block {node.name} is defined twice.")
        seen.add(node.name)


def given_names(node: nodes.Node) -> Iterable[str]:
    if isinstance(node, nodes.Name):
        return [] if node.ctx == "load" else [node.name]
    if isinstance(node, nodes.Macro):
        return [node.name]
    if isinstance(node, nodes.Import):
        return [node.target]
    assert isinstance(node, nodes.FromImport)
    return [target for _, target in imported_names(node)]


def imported_names(node: nodes.FromImport) -> list[tuple[str, str]]:
    return [name if isinstance(name, tuple) else (name, name) for name in node.names]


def body(tree: nodes.Template, source: Source) -> str:
    scope = source.root()
    scope.frame.symbols.analyze_node(tree)
    scope.frame.toplevel = scope.frame.rootlevel = True
    scope.frame.require_output_check = tree.find(nodes.Extends) is not None
    written = captured(tree.body, scope)
    if source.parent is None:
        return f"{written}return out;\n"
    return f"{written}return out + p.body({literal(source.parent)}, c);\n"


def block(node: nodes.Block, source: Source) -> str:
    scope = source.root()
    if node.scoped or node.required:
        raise scope.refused(node, "scoped and required are not in the dialect: use a plain block.")
    scope.frame.block = node.name
    if find_undeclared(node.body, ("super",)):
        scope.frame.symbols.declare_parameter("super")
    scope.frame.symbols.analyze_node(node)
    return f"{literal(node.name)}(c, depth) {{\n{captured(node.body, scope)}return out;\n}},\n"


def captured(many: list[nodes.Node], scope: Scope) -> str:
    """The statements of a function that builds its own text, up to its return."""
    return f'let out = "";\n{scope.declarations()}{statements(many, scope)}'


def statements(many: list[nodes.Node], scope: Scope) -> str:
    return "".join(statement(one, scope) for one in many)


@singledispatch
def statement(node: nodes.Node, scope: Scope) -> str:
    name = type(node).__name__
    raise scope.refused(node, REFUSED.get(type(node), f"{name} is not in the dialect."))


@statement.register
def around(node: nodes.Scope, scope: Scope) -> str:
    """Jinja2 puts autoescape in a scope that knows no line of its own."""
    return statements(node.body, scope)


@statement.register
def output(node: nodes.Output, scope: Scope) -> str:
    if scope.frame.require_output_check and scope.source.parent:
        return ""
    return "".join(f"out += {printed(one, scope)};\n" for one in node.nodes)


def printed(node: nodes.Expr, scope: Scope) -> str:
    if isinstance(node, nodes.TemplateData):
        return literal(node.data)
    return f"v.print({expression(node, scope)})"


@statement.register
def a_block(node: nodes.Block, scope: Scope) -> str:
    if scope.frame.toplevel and scope.source.parent:
        return ""
    return f"out += c.block({literal(node.name)});\n"


@statement.register
def extends(node: nodes.Extends, scope: Scope) -> str:
    if not scope.frame.rootlevel or scope.source.parent:
        raise scope.refused(node, "extends stands once, at the top of the template.")
    scope.source.parent = other(node.template, scope)
    return f"p.extend({literal(scope.source.parent)}, c);\n"


@statement.register
def include(node: nodes.Include, scope: Scope) -> str:
    if node.ignore_missing or not node.with_context:
        sentence = "include takes one template that exists, and shows it what is known here."
        raise scope.refused(node, sentence)
    name = literal(other(node.template, scope))
    local = record(scope.frame.symbols.dump_stores().items())
    return f"out += p.include({name}, c, {local});\n"


@statement.register
def import_as(node: nodes.Import, scope: Scope) -> str:
    return taken(node.target, module(node, scope), scope)


@statement.register
def import_from(node: nodes.FromImport, scope: Scope) -> str:
    found = module(node, scope)
    return "".join(
        taken(target, f"v.item({found}, {literal(name)})", scope)
        for name, target in imported_names(node)
    )


def taken(target: str, value: str, scope: Scope) -> str:
    keep = f"c.take({literal(target)}, {scope.ref(target)});\n" if scope.frame.toplevel else ""
    return f"{scope.ref(target)} = {value};\n{keep}"


def module(node: nodes.Import | nodes.FromImport, scope: Scope) -> str:
    if node.with_context:
        raise scope.refused(node, "import with context is not in the dialect: give arguments.")
    return f"p.module({literal(other(node.template, scope))})"


def other(node: nodes.Expr, scope: Scope) -> str:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        return node.value
    raise scope.refused(node, "the name of another template is written out, between quotes.")


@statement.register
def for_loop(node: nodes.For, scope: Scope) -> str:
    if node.recursive:
        raise scope.refused(node, "recursive loops are not in the dialect: call a macro.")
    if not isinstance(node.target, nodes.Name):
        raise scope.refused(node, "for takes one name: let each row carry its fields.")
    inner = scope.inner()
    extended = bool(find_undeclared(node.iter_child_nodes(only=("body",)), ("loop",)))
    if extended:
        inner.frame.symbols.declare_parameter("loop")
    inner.frame.symbols.analyze_node(node, for_branch="body")
    each = filtered(node, scope) if node.test else f"v.each({expression(node.iter, scope)})"
    head = f"let {inner.ref(node.target.name)} of {each}"
    if extended:
        head = f"let [{inner.ref(node.target.name)}, {inner.ref('loop')}] of p.loop({each})"
    done = f"{inner.declarations()}{statements(node.body, inner)}"
    if not node.else_:
        return f"for ({head}) {{\n{done}}}\n"
    instead = otherwise(node, scope)
    return f"{{\nlet none = true;\nfor ({head}) {{\n{done}none = false;\n}}\n{instead}}}\n"


def filtered(node: nodes.For, scope: Scope) -> str:
    """A generator, because a test may ask what the loop before it has set."""
    assert node.test is not None
    assert isinstance(node.target, nodes.Name)
    inner = scope.inner()
    inner.frame.symbols.analyze_node(node, for_branch="test")
    one, test = inner.ref(node.target.name), expression(node.test, inner)
    kept = f"for (let {one} of rows) if (v.truth({test})) yield {one};\n"
    rows = f"v.each({expression(node.iter, scope)})"
    return f"(function* (rows) {{\n{inner.declarations()}{kept}}})({rows})"


def otherwise(node: nodes.For, scope: Scope) -> str:
    inner = scope.inner()
    inner.frame.symbols.analyze_node(node, for_branch="else")
    return f"if (none) {{\n{inner.declarations()}{statements(node.else_, inner)}}}\n"


@statement.register
def condition(node: nodes.If, scope: Scope) -> str:
    soft = scope.soft()
    branches = " else ".join(
        f"if (v.truth({expression(one.test, soft)})) {{\n{statements(one.body, soft)}}}"
        for one in [node, *node.elif_]
    )
    if not node.else_:
        return f"{branches}\n"
    return f"{branches} else {{\n{statements(node.else_, soft)}}}\n"


@statement.register
def with_block(node: nodes.With, scope: Scope) -> str:
    inner = scope.inner()
    inner.frame.symbols.analyze_node(node)
    refs = [inner.ref(name_of(target, scope)) for target in node.targets]
    values = [expression(value, scope) for value in node.values]
    named = "".join(f"let {ref};\n" for ref in dict.fromkeys(refs))
    named += "".join(f"{ref} = {value};\n" for ref, value in zip(refs, values, strict=True))
    return f"{{\n{inner.declarations()}{named}{statements(node.body, inner)}}}\n"


def name_of(target: nodes.Expr, scope: Scope) -> str:
    if isinstance(target, nodes.Name):
        return target.name
    raise scope.refused(target, "a value is given to one name at a time.")


@statement.register
def assignment(node: nodes.Assign, scope: Scope) -> str:
    return given(node.target, expression(node.node, scope), scope)


@statement.register
def block_assignment(node: nodes.AssignBlock, scope: Scope) -> str:
    if node.filter is not None:
        raise scope.refused(node, "a set block has no filter: filter its name afterwards.")
    inner = scope.inner()
    inner.frame.require_output_check = False
    inner.frame.symbols.analyze_node(node)
    text = f"(() => {{\n{captured(node.body, inner)}return out;\n}})()"
    return given(node.target, f"new v.Safe({text})", scope)


def given(target: nodes.Expr, value: str, scope: Scope) -> str:
    if isinstance(target, nodes.NSRef):
        return f"v.assign({scope.ref(target.name)}, {literal(target.attr)}, {value});\n"
    name = name_of(target, scope)
    keep = f"c.set({literal(name)}, {scope.ref(name)});\n" if scope.frame.toplevel else ""
    return f"{scope.ref(name)} = {value};\n{keep}"


@statement.register
def macro(node: nodes.Macro, scope: Scope) -> str:
    inner = scope.inner()
    inner.frame.require_output_check = False
    inner.frame.symbols.analyze_node(node)
    names = [argument.name for argument in node.args]
    if len(set(names)) < len(names):
        raise scope.refused(node, "each argument of a macro needs its own name.")
    refs = ", ".join(map(inner.ref, names))
    asked = "".join(default(node, place, inner) for place in range(len(names)))
    written = f'let out = "";\n{inner.declarations()}{asked}{statements(node.body, inner)}'
    function = f"({refs}) => {{\n{written}return out;\n}}"
    return given(
        nodes.Name(node.name, "store", lineno=node.lineno),
        f"p.macro({literal(node.name)}, {literal(names)}, {function})",
        scope,
    )


def default(node: nodes.Macro, place: int, scope: Scope) -> str:
    """What an argument is when the macro is called without it."""
    name = node.args[place].name
    ref, index = scope.ref(name), place - len(node.args) + len(node.defaults)
    if index < 0:
        return f"{ref} = v.named({ref}, {literal(name)});\n"
    value = expression(node.defaults[index], scope.with_defaults())
    return f"if ({ref} === undefined) {ref} = {value};\n"
