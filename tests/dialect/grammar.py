"""Templates at random, in the dialect's own grammar, and rows to fill them with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from tests.dialect.device import Play

TEXTS = (
    "", " ", "Bo", "Seán O'Dowd", "Łódź", "ŻAK", "王小明", "🎬 take", "<b>\"A\" & 'B'</b>", "ß",
    "7", "grip", "Grip & Co", "07:30", "25:30", "2026-04-14", "+49 (0)30 1234", "name", "ﬁ", "a\nb",
)  # fmt: skip
NUMBERS = (0, 1, 2, 3, 7, 8, 14, 95, -1, -9, 4503599627370496)
PLAIN = ("<td>", "\n", "  ", "a 'b' & 🎬\n", "{# why #}\n", "\\n ${x} `y`", "\u2028")
TEXT_TO_TEXT = (
    "upper", "lower", "trim", "string", "urlencode", "slug", "initials", "clock", "date",
    "long_date", "phone_link", "moved('06:00')", "replace('a', '<i>')", "join('-')",
    "replace(mark, '*', 1)", "default('x', true)", "d('&')", "trim('7 ')", "sort|join",
)  # fmt: skip
TEXT_TO_NUMBER = ("length", "int", "int(-1)", "list|length")
NUMBER_TO_TEXT = ("eighths", "minutes", "string", "default('none', true)")
ROWS_TO_ROWS = (
    "list", "selectattr('note')", "rejectattr('note')", "selectattr('pages', 'odd')",
    "rejectattr('day', 'none')", "sort(attribute='name')", "sort(attribute='pages,name')",
    "sort(true, attribute='pages')", "selectattr('name', 'eq', 'Bo')", "sort(true, true, 'name')",
)  # fmt: skip
ROWS_TO_TEXT = (
    "join(', ', attribute='name')", "map(attribute='note')|join(mark)",
    "groupby('name')|map(attribute='grouper')|join", "map(attribute='name')|sort|join('<br>')",
)  # fmt: skip
ROWS_TO_NUMBER = (
    "length", "sum(attribute='pages')", "map(attribute='pages')|sum", "groupby('pages')|length",
)  # fmt: skip
WORDS_TO_TEXT = ("join", "join('<br>')", "join('&')", "sort|join", "sort(true)|join", "first|d('')")
LITERAL_LISTS = ("[1, 'a', none]", "(1, '<')", "{'k': 1}", "[]", "['Bo', 'grip', 'Łódź']", "'añ🎬'")
OPERATORS = ("+", "-", "*")
ORDER = ("==", "!=", "<", "<=", ">", ">=")
LOOP = ("index", "index0", "length", "revindex", "revindex0")
WILD = (
    "absent", "row.absent", "rows[0].name", "words[-1]", "words[9]", "row", "rows", "none|length",
    "1 // 0", "5 % 0", "1 + 'a'", "none < 1", "title.upper", "count|upper|eighths", "absent == 1",
    "none in 'a'", "1 in title", "['a'] < [1]", "'a' * -1", "shown()", "shown(1, 2, 3)", "absent()",
    "shown(1, three=1)", "absent is none", "absent|d('x')", "row[absent]|d('x')", "row[none]|d(1)",
    "9007199254740991 + 1", "words|sum", "not absent", "rows < rows", "{1: 2}[true]", "(1,) == [1]",
    "[1] + (2,)", "all.shown(1)", "all.gone", "title ~ row", "rows|first", "row|join", "row|length",
    "-title", "-count", "+true", "true + 1", "title[0]", "title[99]|d('x')", "row == {}",
    "row in rows", "row.name in row", "rows == rows", "'name' in row", "{[1]: 1}", "row[[1]]|d(2)",
    "absent in words", "absent in []", "words[absent]|d(3)", "title[none]|d(4)", "rows[row]|d(5)",
)  # fmt: skip
KNOWN = {
    "text": ["title", "name", "row.name", "row['name']", "mark"],
    "number": ["count", "pages", "row.pages"],
    "any": ["nothing", "row.day", "row.note"],
    "rows": ["rows"],
    "words": ["words", "words|list"],
    "macro": [],
}


class Author:
    """Writes what a seed says, and so the same again."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.known: dict[str, list[str]] = {kind: [] for kind in KNOWN}

    def play(self) -> Play:
        macro = f"{{% macro shown(one, two={self.literal()}) %}}{self.told()}{{% endmacro %}}"
        templates = {"_shared.html": f"{{% set taken = {self.literal()} %}}\n{macro}"}
        with self.knowing(**KNOWN):
            templates["_part.html"] = self.body(1)
            block = f"<p>{{% block top %}}{self.body(1)}{{% endblock %}}</p>"
            templates["base.html"] = block + self.body(1)
        with self.knowing(**KNOWN), self.knowing(macro=["shown", "all.shown"], any=["taken"]):
            templates["page.html"] = self.page()
        return Play(templates, self.variables())

    def page(self) -> str:
        head = "{% from '_shared.html' import shown, taken %}{% import '_shared.html' as all %}\n"
        if self.chance(0.3):
            block = f"{self.body(2)}{self.pick('', '{{ super() }}')}"
            return f"{{% extends 'base.html' %}}{head}{{% block top %}}{block}{{% endblock %}}"
        tail = self.pick("", "{% include '_part.html' %}")
        return f"{head}{self.body(2)}{tail}"

    def variables(self) -> dict[str, Any]:
        return {
            "title": self.pick(*TEXTS), "name": self.pick(*TEXTS), "nothing": None,
            "count": self.pick(*NUMBERS), "pages": self.pick(*NUMBERS[:8]), "row": self.row(),
            "rows": [self.row() for _ in range(self.random.randrange(4))],
            "words": [self.pick(*TEXTS) for _ in range(self.random.randrange(4))],
            "mark": self.pick("<hr>", ", ", "a"),
        }  # fmt: skip

    def row(self) -> dict[str, Any]:
        row = {"name": self.pick(*TEXTS), "pages": self.pick(*NUMBERS[:8])}
        return row | {"day": self.pick("2026-04-14", None), "note": self.pick(None, *TEXTS)}

    @contextmanager
    def knowing(self, **kinds: list[str]) -> Iterator[None]:
        before = {kind: list(names) for kind, names in self.known.items()}
        for kind, names in kinds.items():
            self.known[kind] += names
        yield
        self.known = before

    def body(self, depth: int) -> str:
        with self.knowing():
            return "".join(self.statement(depth) for _ in range(self.random.randrange(1, 4)))

    def told(self) -> str:
        """The body of a macro, which knows what it is given."""
        with self.knowing(any=["one", "two"]):
            return f"{{{{ one }}}}{self.body(1)}"

    def statement(self, depth: int) -> str:
        plain = (self.words, self.shown, self.shown, self.setting)
        deep = (self.choice, self.loop, self.loop, self.capture, self.company, self.macro)
        made: str = self.pick(*plain, *((*deep, self.tally) if depth else ()))(depth)
        return made

    def words(self, depth: int) -> str:
        return str(self.pick(*PLAIN))

    def shown(self, depth: int) -> str:
        dash = self.pick("", "", "", "-")
        return f"{{{{{dash} {self.value()} {dash}}}}}"

    def setting(self, depth: int) -> str:
        name, kind = self.pick(("title", "text"), ("mine", "text"), ("count", "number"))
        written = self.text() if kind == "text" else self.number()
        self.known[kind].append(name)
        return f"  {{% set {name} = {written} %}}\n"

    def choice(self, depth: int) -> str:
        more = f"{{% elif {self.test()} %}}{self.body(depth - 1)}" if self.chance() else ""
        more += f"{{% else %}}{self.body(depth - 1)}" if self.chance() else ""
        asked = self.pick(self.test(), self.value())
        return f"{{% if {asked} %}}\n{self.body(depth - 1)}{more}{{% endif %}}\n"

    def loop(self, depth: int) -> str:
        name, empty = self.pick("one", "row", "title"), self.body(depth - 1)
        rows, given = self.looped(name)
        with self.knowing(**given):
            kept = f" if {self.test()}" if self.chance() else ""
            inside = {"number": [f"loop.{word}" for word in LOOP]} if self.chance(0.7) else {}
            with self.knowing(**inside):
                inner = self.body(depth - 1) + self.body(depth - 1)
        empty = f"{{% else %}}{empty}" if self.chance() else ""
        return f"{{% for {name} in {rows}{kept} %}}\n{inner}{empty}{{% endfor %}}\n"

    def looped(self, name: str) -> tuple[str, dict[str, list[str]]]:
        if self.chance(0.6):
            fields = {"text": [f"{name}.name"], "number": [f"{name}.pages"]}
            return self.rows(), {**fields, "any": [f"{name}.note"]}
        return self.pick(self.list(), *LITERAL_LISTS), {"any": [name]}

    def capture(self, depth: int) -> str:
        written = f"{{% set kept %}}{self.body(depth - 1)}{{% endset %}}"
        self.known["text"].append("kept")
        return f"{written}{{{{ {self.text()} }}}}"

    def company(self, depth: int) -> str:
        given = f"mine = {self.text()}, count = {self.number()}"
        with self.knowing(text=["mine"], number=["count"]):
            return f"{{% with {given} %}}{self.body(depth - 1)}{{{{ mine }}}}{{% endwith %}}"

    def macro(self, depth: int) -> str:
        given = self.pick("one, two=''", "one='<', two=one", "one=0, two=2")
        inner = self.told()
        self.known["macro"].append("told")
        return f"{{% macro told({given}) %}}{inner}{{% endmacro %}}\n{{{{ {self.call()} }}}}"

    def tally(self, depth: int) -> str:
        loop = f"{{% for one in {self.list()} %}}{{% set ns.sum = ns.sum + {self.number()} %}}"
        return f"{{% set ns = namespace(sum=0) %}}{loop}{{% endfor %}}{{{{ ns.sum }}}}"

    def value(self) -> str:
        if self.chance(0.06):
            return str(self.pick(*WILD))
        kinds = (self.text, self.text, self.number, self.any, self.test, self.call, self.mixed)
        return str(self.pick(*kinds)())

    def literal(self) -> str:
        text = self.pick(*TEXTS).replace("'", "").replace("\n", " ")
        return str(self.pick(f"'{text}'", f"'{text}'", "none", "7", "true"))

    def any(self) -> str:
        return str(self.pick(self.literal(), *self.known["any"] * 3))

    def text(self) -> str:
        counted = f"({self.number()})|{self.pick(*NUMBER_TO_TEXT)}"
        listed = f"{self.rows()}|{self.pick(*ROWS_TO_TEXT)}" if self.known["rows"] else "''"
        worded = f"{self.list()}|{self.pick(*WORDS_TO_TEXT)}"
        plain = [*self.known["text"] * 4, counted, listed, worded, f"({self.any()} ~ '<')"]
        return self.chained(self.pick(*plain), TEXT_TO_TEXT)

    def number(self) -> str:
        left = self.pick(*self.known["number"] * 3, *map(str, NUMBERS))
        word = f"{self.pick(*self.known['text'], repr('a'))}|{self.pick(*TEXT_TO_NUMBER)}"
        rows = f"{self.rows()}|{self.pick(*ROWS_TO_NUMBER)}" if self.known["rows"] else "3"
        right = self.pick(left, word, rows, *map(str, NUMBERS[:8]))
        divided = f"{left} {self.pick('//', '%')} {self.pick(2, 3, 7, 8, -2, -8)}"
        return str(self.pick(left, f"({left} {self.pick(*OPERATORS)} {right})", f"({divided})"))

    def rows(self) -> str:
        return self.chained(self.pick(*self.known["rows"], "[]"), ROWS_TO_ROWS)

    def list(self) -> str:
        return str(self.pick("['b', 'A']", *self.known["words"] * 3))

    def test(self) -> str:
        one, other = self.any(), self.any()
        asked = self.pick("none", "defined", "not none", "eq 1", "in [1, 'Bo', none]")
        pairs = self.pick((self.number(), self.number()), (self.text(), self.text()))
        odd = f"({self.number()}) is {self.pick('', 'not ')}{self.pick('odd', 'even')}"
        inside = f"{self.text()} {self.pick('in', 'not in')} {self.pick(self.list(), self.text())}"
        same = f"({one} {self.pick('==', '!=')} {other})"
        order = f"({pairs[0]} {self.pick(*ORDER)} {pairs[1]})"
        return str(self.pick(f"({one} is {asked})", same, order, f"({inside})", f"({odd})"))

    def call(self) -> str:
        if not self.known["macro"]:
            return self.any()
        given = self.pick("{0}", "{0}, {1}", "{0}, two={1}", "two={0}, one={1}")
        return f"{self.pick(*self.known['macro'])}({given.format(self.any(), self.text())})"

    def mixed(self) -> str:
        left, right = self.any(), self.text()
        joined = f"({left} {self.pick('~', 'and', 'or')} {right})"
        added = f"({self.text()} + {self.text()})"
        return str(
            self.pick(joined, added, f"({left} if {self.test()} else {right})", f"not {left}")
        )

    def chained(self, value: str, among: tuple[str, ...]) -> str:
        known = [word for word in among if "mark" not in word or self.known["rows"]]
        return "|".join([value, *(self.pick(*known) for _ in range(self.random.randrange(3)))])

    def chance(self, share: float = 0.4) -> bool:
        return self.random.random() < share

    def pick(self, *among: Any) -> Any:
        return self.random.choice(among)
