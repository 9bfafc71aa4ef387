"""The book holds together: every page asks for exactly what its template shows, and no more."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import meta, nodes
from sqlalchemy import CheckConstraint

from poc import AREAS
from poc.book import SHELL, Asked, Book
from poc.records import Record
from poc.roles import EVERYTHING
from tests import stage

BOOK = Book(AREAS)
PAGES = {asked.page.path: asked for asked in BOOK.pages}
LONGEST_NAME = 63  # PostgreSQL cuts the names of constraints behind so many bytes


def source(template: str) -> nodes.Template:
    environment = BOOK.environment
    text, _, _ = environment.loader.get_source(environment, template)
    return environment.parse(text)


def family(template: str) -> Iterator[nodes.Template]:
    """Give a template, what it extends and what it includes: all that see the page's names."""
    tree = source(template)
    yield tree
    for node in tree.find_all((nodes.Extends, nodes.Include)):
        assert isinstance(node.template, nodes.Const), f"{template} includes by a changing name"
        yield from family(node.template.value)


def used(template: str, given: set[str] | frozenset[str] = frozenset()) -> set[str]:
    """Name what a template must be given, without what it names itself."""
    names: set[str] = set()
    for tree in family(template):
        names |= meta.find_undeclared_variables(tree) - (set(own(tree)) - given)
    return names - {"namespace"}


def own(tree: nodes.Template) -> Iterator[str]:
    for imported in tree.find_all(nodes.FromImport):
        yield from (name if isinstance(name, str) else name[1] for name in imported.names)
    yield from (macro.name for macro in tree.find_all(nodes.Macro))
    yield from (name.name for name in tree.find_all(nodes.Name) if name.ctx == "store")


def given(asked: Asked) -> set[str]:
    return {query.name for query in (*asked.queries, *asked.supposed)}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_for_exactly_what_its_template_shows(path: str) -> None:
    asked = PAGES[path]
    frozen = given(PAGES[asked.page.thaws]) if asked.page.thaws else set()
    shown = used(asked.page.template, given(asked) | frozen) - set(SHELL)
    if asked.page.thaws:
        assert shown <= given(asked) | frozen
        assert given(asked) - {asked.queries[0].name} <= shown
    else:
        assert shown == given(asked)


@pytest.mark.parametrize("path", PAGES)
def test_a_query_takes_only_what_the_address_or_the_shell_gives(path: str) -> None:
    # A draft is the page that was never published: what its publications are asked by is nothing.
    thawing = [one for one, asked in PAGES.items() if asked.page.thaws == path]
    parts = set(re.findall(r"<(\w+)>", " ".join([path, *thawing])))
    parts |= {"me", "now", "today", "tomorrow", *PAGES[path].page.given}
    for query in (*PAGES[path].queries, *PAGES[path].supposed):
        assert set(query.parameters) <= parts, query.name


def test_the_frame_of_a_page_uses_only_the_shell() -> None:
    for template in ("base.html", "missing.html", "refused.html"):
        assert used(template) - {"say", "typed"} <= set(SHELL)


def test_no_two_pages_match_one_address() -> None:
    for path in PAGES:
        address = re.sub(r"<\w+>", "0198c0de", path)
        found = BOOK.find(address)
        assert found is not None
        assert found[0].page.path == path
        fixed = [asked for asked in BOOK.pages if asked.page.pattern.match(path)]
        assert len([one for one in fixed if "<" not in one.page.path]) <= 1


def test_a_fixed_address_comes_before_one_that_would_swallow_it() -> None:
    fixed = [path for path in PAGES if "<" not in path]
    assert [path for path in fixed if BOOK.find(path) != (PAGES[path], {})] == []


def test_no_kind_has_the_address_of_a_form_that_is_not_about_it() -> None:
    # `/waiting/<id>` and `/sync` are the worker's and the exchange's own words.
    words = {"waiting", "sync", "import", "invites", "bell", "calendars", "blobs"}
    assert not words & set(BOOK.kinds)


def test_a_page_that_thaws_begins_with_the_publication() -> None:
    for asked in BOOK.pages:
        if asked.page.thaws:
            assert "rows" in asked.queries[0].sql or "publication.*" in asked.queries[0].sql
            assert asked.page.thaws in PAGES


def test_a_published_page_has_the_very_template_of_its_draft() -> None:
    assert PAGES["/sheets/<publication>"].page.template == PAGES["/days/<day>/sheet"].page.template


def test_every_query_is_asked_by_some_page() -> None:
    asked = {query.about for page in BOOK.pages for query in (*page.queries, *page.supposed)}
    assert [name for name, query in BOOK.queries.items() if query.about not in asked] == []


def test_every_check_is_a_sentence_that_no_database_cuts() -> None:
    checks = [
        constraint.name
        for table in Record.metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    ]
    assert checks
    for name in checks:
        assert len(str(name).encode()) <= LONGEST_NAME, name
        assert re.match(r"[A-Z].* .*[a-z0-9]\Z", str(name)), name


def test_every_kind_has_a_rule_about_who_holds_it() -> None:
    assert set(BOOK.kinds) == set(EVERYTHING)


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("/today", {"called", "person", "publication", "receipt"}),
        ("/schedule", {"called", "person", "publication"}),
        ("/people", {"person"}),
        ("/people/<person>", {"calendar", "person", "particulars"}),
        ("/sheets/<publication>", {"person", "publication"}),
        ("/locations", {"location", "shoot_day"}),
        ("/phones", {"device", "invite", "person"}),
        ("/waiting", {"clash", "person"}),
    ],
)
def test_the_kinds_of_a_page_are_worked_out_by_the_database(path: str, kinds: set[str]) -> None:
    assert PAGES[path].tables == kinds | {"membership", "notice", "production", "person", "receipt"}


@pytest.mark.parametrize("path", ["/board", "/days", "/days/<day>", "/days/<day>/publish"])
def test_the_draft_is_only_for_those_who_hold_it(path: str) -> None:
    assert {"strip"} <= PAGES[path].tables


@pytest.mark.parametrize("template", BOOK.environment.list_templates())
def test_every_template_compiles_for_the_device(template: str) -> None:
    if template.startswith("door/"):
        assert BOOK.environment.get_template(template)
    else:
        assert BOOK.templates[template]


def test_the_same_house_makes_the_same_book() -> None:
    assert Book(AREAS).js == BOOK.js


def test_the_book_is_a_javascript_module(tmp_path: Path) -> None:
    file = tmp_path / "book.mjs"
    file.write_text(BOOK.js, "utf-8")
    told = subprocess.run(
        [stage.node(), "--check", str(file)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
