"""Jinja2 as POC sets it up, where a row has its own fields and nothing else."""

from __future__ import annotations

from typing import Any

from jinja2 import BaseLoader, StrictUndefined, TemplateRuntimeError, nodes, pass_eval_context
from jinja2.environment import TemplateModule
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import Namespace

from poc.dialect.filters import FILTERS, TESTS, countable, text

LOOP_WORDS = frozenset({"index", "index0", "first", "last", "length", "revindex", "revindex0"})


def environment(loader: BaseLoader) -> SandboxedEnvironment:
    """Jinja2 with the dialect's filters, tests and globals, and no others."""
    made = Dialect(
        loader=loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        finalize=finalize,
    )
    made.filters = dict(FILTERS)
    made.tests = dict(TESTS)
    made.globals = {"namespace": Namespace}
    return made


# Asking for eval_ctx keeps Jinja2 from finalizing constants early, when none is already "None".
@pass_eval_context
def finalize(_: EvalContext, value: object) -> object:
    return "" if value is None else text(value)


class Dialect(SandboxedEnvironment):
    """Jinja2 whose values can do on the server only what they can do on a device."""

    intercepted_binops = frozenset({"+", "-", "*", "//", "%"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, LoopContext | Namespace | TemplateModule):
            return self._word(obj, argument)
        try:
            return obj[argument]
        except (TypeError, LookupError):
            return self.undefined(obj=obj, name=argument)

    def _word(self, obj: object, word: object) -> object:
        absent: Undefined = self.undefined(obj=obj, name=str(word))
        if not isinstance(word, str) or word.startswith("__"):
            return absent
        if isinstance(obj, LoopContext) and word not in LOOP_WORDS:
            return absent
        if isinstance(obj, TemplateModule) and word.startswith("_"):
            return absent
        return getattr(obj, word, absent)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "%" and isinstance(left, str):
            raise TemplateRuntimeError("% takes the rest of a division: write text with ~.")
        found = super().call_binop(context, operator, left, right)
        return countable(found) if isinstance(found, int) else found

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        for concat in source.find_all(nodes.Concat):
            concat.nodes = [as_text(part) for part in concat.nodes]
        return super()._generate(source, name, filename, defer_init)


def as_text(part: nodes.Expr) -> nodes.Expr:
    return nodes.Filter(part, "string", [], [], None, None, lineno=part.lineno)
