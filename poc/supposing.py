"""What if: a query and its film rules, asked as if some edits had been written already.

What is written here stands alone and supposes nothing; `answer.py` and `sw/pages.js` put the edits
that a page found where MARK is. Handing them over, instead of finding them in the same statement,
keeps a phone from planning that search anew at every place that reads a draft.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from poc.area import Query
from sync import Kind

RULE = re.compile(r"^create view (\w+) as\s+")
MARK = "/* and the edits */"
NOTHING = ", ".join(["cast(null as text)"] * 4)
# What may follow a table where it has no other name.
END = r"(?:where|left|join|cross|on|group|order|limit|union|having)\b"


def supposed(query: Query, kinds: Iterable[Kind], rules: Iterable[str]) -> Query:
    """Return the query over tables as they would be.

    Only what stands below the query is built: the tables that would change, and the film rules over
    them in the order in which they build on each other. All else is read as it is.
    """
    drafts = {kind.name: kind for kind in kinds}
    moved = _moved({RULE.findall(sql)[0]: RULE.sub("", sql) for sql in rules}, drafts)
    below = _below(query.sql, moved, drafts)
    parts = [f"edit (kind, record, field, value) as (values ({NOTHING}){MARK})"]
    for kind in (kind for name, kind in drafts.items() if name in below):
        parts += _table(kind)
    names = (*drafts, *moved)
    for name in (name for name in moved if name in below):
        parts.append(f"supposed_{name} as not materialized (\n{_renamed(moved[name], names)}\n)")
    return replace(query, sql=f"with {', '.join(parts)}\n{_renamed(query.sql, names)}")


def _moved(rules: Mapping[str, str], drafts: Collection[str]) -> dict[str, str]:
    """Choose the film rules that read one of these tables, directly or not, in their order."""
    moved: dict[str, str] = {}
    for name, sql in rules.items():
        if _reads(sql, (*drafts, *moved)):
            moved[name] = sql
    return moved


def _below(sql: str, moved: Mapping[str, str], drafts: Collection[str]) -> set[str]:
    found = _reads(sql, (*drafts, *moved))
    for name in list(found & moved.keys()):
        found |= _below(moved[name], moved, drafts)
    return found


def _reads(sql: str, names: Iterable[str]) -> set[str]:
    return {match[2] for match in _place(names).finditer(sql)}


def _renamed(sql: str, names: Iterable[str]) -> str:
    """Let a statement read the supposed tables under the names it knows them by."""
    return _place(names).sub(lambda m: f"{m[1]}supposed_{m[2]}{m[3] or f' {m[2]}'}", sql)


def _place(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b((?:from|join)\s+)({'|'.join(names)})\b(?!\.)(\s+(?!{END})\w+)?")


def _table(kind: Kind) -> Iterator[str]:
    """Build a table as it would be: its rows with the edits over them, and those that are new."""
    picked = ", ".join(f"max(case field when '{f}' then value end) as \"{f}\"" for f in kind.fields)
    yield (
        f"edited_{kind.name} as materialized (\n"
        f"select record, {picked} from edit where kind = '{kind.name}' group by record\n)"
    )
    over = ", ".join(
        f'case when edited."{f}" is null then kept."{f}" else {_value(kind, f)} end as "{f}"'
        for f in kind.fields
    )
    yield (
        f"supposed_{kind.name} as materialized (\n"
        "select kept.id, kept.seq,"
        f" case when edited.record is null then kept.gone else 0 end as gone, {over}\n"
        f"from {kind.name} kept left join edited_{kind.name} edited on edited.record = kept.id\n"
        f"union all select edited.record, null, 0, {_values(kind)} from edited_{kind.name} edited\n"
        f"where not exists (select 1 from {kind.name} kept where kept.id = edited.record)\n)"
    )


def _values(kind: Kind) -> str:
    return ", ".join(_value(kind, field) for field in kind.fields)


def _value(kind: Kind, field: str) -> str:
    value = f"nullif(edited.\"{field}\", '')"
    return f"cast({value} as bigint)" if field in kind.numbers else value
