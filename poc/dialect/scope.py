"""Where the compiler is: the template it reads, and the names known at that place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from jinja2 import Environment, nodes
from jinja2.compiler import Frame
from jinja2.idtracking import VAR_LOAD_PARAMETER, VAR_LOAD_RESOLVE, VAR_LOAD_UNDEFINED
from jinja2.nodes import EvalContext


class Refused(Exception):
    """A template says something a device could not say in the same bytes."""

    def __init__(self, template: str, line: int, sentence: str) -> None:
        super().__init__(f"{template}, line {line}: {sentence}")
        self.template = template
        self.line = line
        self.sentence = sentence


@dataclass
class Source:
    """One template while it is being compiled."""

    name: str
    environment: Environment
    named: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    parent: str | None = None

    def root(self) -> Scope:
        return Scope(self, Frame(EvalContext(self.environment, self.name)))


@dataclass(frozen=True)
class Scope:
    """Jinja2's own account of the names at one place of a template."""

    source: Source
    frame: Frame
    in_defaults: bool = False

    def inner(self) -> Scope:
        return replace(self, frame=self.frame.inner())

    def soft(self) -> Scope:
        return replace(self, frame=self.frame.soft())

    def with_defaults(self) -> Scope:
        return replace(self, in_defaults=True)

    def ref(self, name: str) -> str:
        return self.frame.symbols.ref(name)

    def is_parameter(self, name: str) -> bool:
        """Whether a name certainly has a value here."""
        load = self.frame.symbols.find_load(self.ref(name))
        return load is not None and load[0] == VAR_LOAD_PARAMETER

    def declarations(self) -> str:
        """The JavaScript variables of this scope, as Jinja2 fills them when it enters."""
        return "".join(
            declaration(target, action, source)
            for target, (action, source) in self.frame.symbols.loads.items()
            if action != VAR_LOAD_PARAMETER
        )

    def refused(self, node: nodes.Node, sentence: str) -> Refused:
        return Refused(self.source.name, node.lineno, sentence)


def declaration(target: str, action: str, source: str | None) -> str:
    if action == VAR_LOAD_UNDEFINED:
        return f"let {target};\n"
    if action == VAR_LOAD_RESOLVE:
        return f'let {target} = c.resolve("{source}");\n'
    return f"let {target} = {source};\n"
