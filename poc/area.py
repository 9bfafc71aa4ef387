"""What an area declares: its pages, one a line, and the named queries they ask."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from urllib.parse import parse_qs

HEADING = re.compile(r"^-- (?P<name>[a-z_]+)(?P<shape>\*|\?|/[a-z_]+|): (?P<about>.+)$")
PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")


@dataclass(frozen=True)
class Query:
    """A named question to the database.

    Shape: "" exactly one row, "?" one or none, "*" any number, "/column" any number, as lists under
    each value of that column.
    """

    name: str
    shape: str
    about: str
    sql: str

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(PARAMETER.findall(self.sql)))


@dataclass(frozen=True)
class Supposing:
    """Queries asked as if the rows of another query had been written to these kinds already.

    Those rows are edits: kind, record, field and value, where an empty value takes one away.
    """

    edits: str
    kinds: tuple[str, ...]
    queries: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """A page: where it is, its template, and the queries whose names the template uses.

    A page with a `label` is in the navigation, in its `group`; one with `tab` is also in the bar at
    the bottom of a phone. A page that `thaws` another shows that page's rows as a publication froze
    them: its first query finds the publication. `kinds` are kinds a person must hold to open it,
    beyond those its queries read. `given` are names that may follow the address after a `?`, each
    with the pattern of what counts as given; of a name that comes twice, both.
    """

    path: str
    template: str
    queries: tuple[str, ...]
    label: str = ""
    icon: str = ""
    group: str = ""
    tab: bool = False
    thaws: str = ""
    kinds: tuple[str, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    supposing: Supposing | None = None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", self.path) + r"\Z")

    def asked_for(self, words: str) -> dict[str, str]:
        """Read what follows the `?` of an address; what is not as it should be was not given."""
        said = parse_qs(words, keep_blank_values=True)
        given = {name: " ".join(said[name]) for name in self.given if name in said}
        return {n: value for n, value in given.items() if re.fullmatch(self.given[n], value)}


def page(
    path: str,
    template: str,
    *queries: str,
    label: str = "",
    icon: str = "",
    group: str = "",
    tab: bool = False,
    thaws: str = "",
    kinds: tuple[str, ...] = (),
    given: Mapping[str, str] | None = None,
    supposing: Supposing | None = None,
) -> Page:
    """Declare a page in one line."""
    nav = (label, icon, group, tab)
    return Page(path, template, queries, *nav, thaws, kinds, given or {}, supposing)


class Area:
    """One corner of the office: a folder with its records, queries, film rules and pages.

    One that only asks about the records of others has none of its own.
    """

    def __init__(self, module: str, *pages: Page) -> None:
        self.name = module.rpartition(".")[2]
        self.pages = pages
        self.folder = Path(str(import_module(module).__file__)).parent
        if (self.folder / "models.py").exists():
            import_module(f"{module}.models")

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        return read_queries(self._text("queries.sql"))

    @cached_property
    def views(self) -> tuple[str, ...]:
        """The film rules: CREATE VIEW statements in the order they build on each other."""
        return tuple(s.strip() for s in self._text("views.sql").split(";\n") if s.strip())

    def _text(self, name: str) -> str:
        file = self.folder / name
        return file.read_text("utf-8") if file.exists() else ""


def read_queries(text: str) -> tuple[Query, ...]:
    """Read a queries.sql: a heading line `-- name*: what it finds`, then one statement."""
    found: list[Query] = []
    for part in re.split(r"(?m)^(?=-- [a-z_]+(?:\*|\?|/[a-z_]+)?: )", text):
        head, _, sql = part.partition("\n")
        if match := HEADING.match(head):
            found.append(Query(match["name"], match["shape"], match["about"], _plain(sql)))
    return tuple(found)


def _plain(sql: str) -> str:
    lines = (line for line in sql.strip().splitlines() if not line.startswith("--"))
    return "\n".join(lines).rstrip("; \n")
