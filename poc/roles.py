"""Who may hold and write what: a role has kinds, whole or only the rows about the person."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from poc.schedule.models import HOSTS
from sync import ALL, Rule, Scope

SCHEDULE = (
    "production",
    "unit",
    "location",
    "scene",
    "element",
    "appearance",
    "shoot_day",
    "strip",
    "attachment",
)
PUBLISHED = (
    "call",
    "publication",
    "withdrawal",
    "called",
    "receipt",
    "notice",
    "briefing",
    "reminder",
    "clash",
)
PEOPLE = ("person", "preference", "membership", "device", "invite", "calendar")
PRIVATE = ("particulars",)
TOLD = ("receipt", "briefing", "reminder")
# What a draft changed is for whoever copies and breaks down pages; its words are for fewer still.
DRAFTS = ("draft", "script_scene", "handout")
WORDS = ("script_text",)

OFFICE = (*SCHEDULE, *PUBLISHED, "letter", *PEOPLE)
BOOKS = (*OFFICE, *PRIVATE)
EVERYTHING = (*BOOKS, *DRAFTS, *WORDS)
MADE_BY_OFFICE = ("called", "notice", "script_scene", "script_text")
WRITABLE = tuple(kind for kind in EVERYTHING if kind not in MADE_BY_OFFICE)
IN_FORCE = Rule({"superseded": frozenset[Any]({0})})

# A role's kinds, held whole; everybody else holds what `_own` gives.
READS: Mapping[str, tuple[str, ...]] = {
    "coordinator": EVERYTHING,
    "upm": EVERYTHING,
    "ad": (*OFFICE, *DRAFTS, *WORDS),
    "accountant": BOOKS,
    "assistant": (*OFFICE, *DRAFTS),
}
WRITES: Mapping[str, tuple[str, ...]] = {
    "coordinator": WRITABLE,
    "upm": WRITABLE,
    "ad": (
        *(*SCHEDULE, "draft", "handout"),
        *("call", "publication", "withdrawal", *TOLD, "clash"),
    ),
    "accountant": ("person", "particulars"),
    "assistant": ("location", "person", *TOLD, "handout"),
}
TITLES: Mapping[str, str] = {
    "coordinator": "the coordinator",
    "upm": "the line producer",
    "ad": "the ADs",
    "accountant": "accounts",
    "assistant": "the office assistants",
}

MEMBERSHIP = text(
    "select membership.role, membership.department, membership.seq from membership"
    " join person on person.id = membership.person and person.gone = 0"
    " where membership.person = :person and membership.gone = 0 order by membership.id limit 1"
)


def scope_of(connection: Connection, person: str) -> Scope | None:
    """Work out what a person may hold and write now; None when they are not in the production."""
    row = connection.execute(MEMBERSHIP, {"person": person}).first()
    return scope(person, row.role, row.department, row.seq) if row else None


def scope(person: str, role: str, department: str | None, epoch: int) -> Scope:
    """Give a role's scope: the office holds kinds whole, everybody else what is theirs."""
    reads, writes = _own(person, role, department)
    reads |= dict.fromkeys(READS.get(role, ()), ALL)
    writes |= dict.fromkeys(WRITES.get(role, ()), ALL)
    for rules in (reads, writes):
        _hang(rules)
    if "script_text" in reads:
        # A device carries the words of the draft in force, not of every draft there was.
        reads["script_text"] = IN_FORCE
    if READS.get(role, EVERYTHING) != EVERYTHING:
        # A clash holds values: whoever may not hold a kind may not read what collided in it.
        reads["clash"] = Rule({"subject": frozenset(READS[role])})
    return Scope(person, epoch, reads, writes)


def _hang(rules: dict[str, Rule]) -> None:
    """Who may hold a record may hold what hangs on it; who may write it may hang things on it."""
    hosts = frozenset[Any](kind for kind in HOSTS if rules.get(kind) == ALL)
    if hosts:
        rules.setdefault("attachment", Rule({"subject": hosts}))


def refusal(kind: str) -> str:
    """Say who may change a kind, to somebody who may not."""
    who = [title for role, title in TITLES.items() if kind in WRITES[role]]
    name = kind.replace("_", " ")
    if not who:
        return f"Not accepted: a {name} is made by the office itself."
    return f"Not accepted: only {_list(who)} may change a {name} here."


def _own(person: str, role: str, department: str | None) -> tuple[dict[str, Rule], dict[str, Rule]]:
    mine = Rule({"person": frozenset({person})})
    ours = mine
    if role == "head" and department:
        ours = Rule({"person": frozenset({person}), "department": frozenset({department})})
    reads: dict[str, Rule] = {
        "production": ALL,
        "person": ALL,
        "publication": IN_FORCE,
        "preference": mine,
        "membership": mine,
        "device": mine,
        "particulars": mine,
        "calendar": mine,
        "called": ours,
        "receipt": ours,
        "notice": mine,
        "clash": Rule({"late_by": frozenset({person})}),
    }
    if role == "vendor":
        reads["person"] = Rule({"id": frozenset({person})})
        del reads["publication"]
    return reads, {"receipt": ours, "particulars": mine, "preference": mine, "calendar": mine}


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
