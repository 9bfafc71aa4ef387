"""The merge engine: one journal per database, one way to write, one endpoint to exchange."""

from sync.change import Change, Refused, Result
from sync.journal import Journal, Request
from sync.kinds import Kind, kind_of
from sync.merge import Desk
from sync.scope import ALL, Rule, Scope

__all__ = [
    "ALL",
    "Change",
    "Desk",
    "Journal",
    "Kind",
    "Refused",
    "Request",
    "Result",
    "Rule",
    "Scope",
    "kind_of",
]
