"""The part of Jinja2 that gives the same bytes in Python and in JavaScript."""

from poc.dialect.compiler import compile_template
from poc.dialect.environment import environment
from poc.dialect.scope import Refused

__all__ = ["Refused", "compile_template", "environment"]
