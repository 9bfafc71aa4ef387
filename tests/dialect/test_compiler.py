"""What a template may say is shown alike on both sides; what it may not say is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import UndefinedError

from poc.dialect import Refused
from tests.dialect.device import Device, Play

ROWS = [{"name": "Bo", "pages": 14}, {"name": "<Ann>", "pages": 3}]


def both(device: Device, text: str, others: dict[str, str] | None = None, **variables: Any) -> str:
    """What Jinja2 shows, once the device has shown the same."""
    play = Play({"page.html": text, **(others or {})}, variables)
    shown = play.in_the_office()
    assert device.show(play) == shown
    return shown


def neither(device: Device, text: str, **variables: Any) -> str:
    """How a device fails, where Jinja2 fails too."""
    play = Play({"page.html": text}, variables)
    with pytest.raises((UndefinedError, TypeError, ArithmeticError, RuntimeError)):
        play.in_the_office()
    answer = device.show_all([play.for_a_device()])[0]
    assert answer.error is not None
    return answer.error


def refused(text: str) -> str:
    with pytest.raises(Refused) as found:
        Play({"page.html": f"\n{text}"}).for_a_device()
    assert (found.value.template, found.value.line) == ("page.html", 2)
    assert str(found.value) == f"page.html, line 2: {found.value.sentence}"
    return found.value.sentence


def test_text_keeps_its_bytes(device: Device) -> None:
    text = "a\n  b\t`${c}` \\n \"'\u2028🎬</script>\n"
    assert both(device, text) == text


def test_a_tag_alone_on_its_line_leaves_no_line(device: Device) -> None:
    assert both(device, "a\n  {% if true %}\n  b\n  {% endif %}\nc\n") == "a\n  b\nc\n"


def test_a_dash_takes_the_space_beside_it(device: Device) -> None:
    assert both(device, "a  {{- 1 -}}  b") == "a1b"


def test_what_is_shown_is_escaped(device: Device) -> None:
    assert both(device, "{{ x }}", x="<&>'\"") == "&lt;&amp;&gt;&#39;&#34;"


def test_none_is_shown_as_nothing(device: Device) -> None:
    assert both(device, "[{{ x }}{{ none }}{{ x ~ '' }}]", x=None) == "[None]"


def test_true_and_false_are_shown_as_python_shows_them(device: Device) -> None:
    assert both(device, "{{ 1 == 1 }}{{ not 1 }}") == "TrueFalse"


def test_a_row_gives_its_fields_and_a_list_its_places(device: Device) -> None:
    written = "{{ rows[0].name }}{{ rows[-1]['pages'] }}{{ 'a🎬'[1] }}"
    assert both(device, written, rows=ROWS) == "Bo3🎬"


def test_a_row_has_its_fields_and_nothing_else(device: Device) -> None:
    assert both(device, "{{ row.values }}{{ row.constructor|d('-') }}", row={"values": 1}) == "1-"


def test_an_unknown_name_or_field_fails_on_both_sides(device: Device) -> None:
    assert "absent is undefined" in neither(device, "{{ absent }}")
    assert "there is no absent here" in neither(device, "{{ row.absent }}", row={})
    assert "undefined" in neither(device, "{% if absent %}{% endif %}")


def test_a_list_or_a_row_has_no_text(device: Device) -> None:
    assert "no text of its own" in neither(device, "{{ rows }}", rows=[])
    assert "no text of its own" in neither(device, "{{ 'a' ~ row }}", row={})


def test_numbers_are_divided_downwards(device: Device) -> None:
    written = "{{ -7 // 2 }} {{ -7 % 2 }} {{ 7 // -2 }} {{ 7 % -2 }} {{ 2 + 3 * 4 - 1 }}"
    assert both(device, written) == "-4 1 -4 -1 13"


def test_a_number_too_large_for_a_device_fails_on_both_sides(device: Device) -> None:
    assert both(device, "{{ x }}", x=2**53 - 1) == "9007199254740991"
    assert "RangeError" in neither(device, "{{ x + 1 }}", x=2**53 - 1)


def test_nothing_is_divided_by_zero(device: Device) -> None:
    assert "divided by 0" in neither(device, "{{ 1 // 0 }}")
    assert "divided by 0" in neither(device, "{{ 1 % x }}", x=0)


def test_unlike_values_are_not_equal_and_have_no_order(device: Device) -> None:
    assert both(device, "{{ 1 == '1' }}{{ none != 0 }}{{ 1 == true }}") == "FalseTrueTrue"
    assert "put in order" in neither(device, "{{ 1 < '2' }}")


def test_text_is_ordered_by_code_point(device: Device) -> None:
    assert both(device, "{{ 'ﬁ' < '🎬' }}{{ 'Z' < 'a' }}{{ 'a' < 'ab' }}") == "TrueTrueTrue"


def test_in_looks_into_lists_text_and_rows(device: Device) -> None:
    written = "{{ 2 in [1, 2] }}{{ 'a' not in 'cat' }}{{ 'k' in row }}{{ 1 in row }}"
    assert both(device, written, row={"k": 0}) == "TrueFalseTrueFalse"


def test_a_list_holds_even_what_is_missing(device: Device) -> None:
    assert both(device, "{% set x = absent %}{{ x in [x] }}") == "True"


def test_and_and_or_give_the_value_that_decided(device: Device) -> None:
    written = "{{ '' or 'b' }}{{ 'a' and 0 }}{{ none or [] or 'c' }}{{ {} or 'd' }}"
    assert both(device, written) == "b0cd"


def test_and_and_or_stop_as_soon_as_they_can(device: Device) -> None:
    assert both(device, "{{ 1 or absent }}{{ 0 and absent }}") == "10"


def test_a_choice_looks_at_one_side_only(device: Device) -> None:
    assert both(device, "{{ 'a' if rows else absent }}", rows=ROWS) == "a"


def test_joined_text_is_escaped_beside_safe_text_only(device: Device) -> None:
    written = "{% set safe %}<b>{% endset %}{{ safe ~ '<' }}{{ '<' + safe }}{{ '<' ~ 1 }}"
    assert both(device, written) == "<b>&lt;&lt;<b>&lt;1"


def test_a_list_with_safe_text_is_joined_safely(device: Device) -> None:
    written = "{% set safe %}<b>{% endset %}{{ [safe, '<']|join('&') }}{{ ['<']|join('&')|length }}"
    assert both(device, written) == "<b>&amp;&lt;1"


def test_lists_and_rows_can_be_written_out(device: Device) -> None:
    written = "{{ [1, 'a']|last }}{{ {'k': [2]}.k[0] }}{{ (3,)|first }}{{ ([1] + [2])|sum }}"
    assert both(device, written) == "a233"


def test_tests_ask_what_a_value_is(device: Device) -> None:
    written = "{{ x is none }}{{ y is defined }}{{ 3 is odd }}{{ 3 is not even }}{{ 1 is in [1] }}"
    assert both(device, written, x=None) == "TrueFalseTrueTrueTrue"


def test_if_takes_the_first_branch_that_holds(device: Device) -> None:
    written = "{% if x == 1 %}a{% elif x == 2 %}b{% else %}c{% endif %}"
    assert [both(device, written, x=x) for x in (1, 2, 3)] == ["a", "b", "c"]


def test_a_loop_counts(device: Device) -> None:
    told = ["index", "index0", "revindex", "revindex0", "first", "last", "length"]
    written = "{% for r in rows %}" + "".join(f"{{{{ loop.{w} }}}} " for w in told) + "{% endfor %}"
    assert both(device, written, rows=ROWS) == "1 0 2 1 True False 2 2 1 1 0 False True 2 "


def test_a_loop_inside_a_loop_keeps_its_own_count(device: Device) -> None:
    inner = "{% for c in 'xy' %}{{ loop.index }}{% endfor %}"
    written = f"{{% for r in rows %}}{inner}:{{{{ loop.index }}}} {{% endfor %}}"
    assert both(device, written, rows=ROWS) == "12:1 12:2 "


def test_a_loop_over_nothing_says_so(device: Device) -> None:
    written = "{% for r in rows %}{{ r.name }}{% else %}nobody{% endfor %}"
    assert both(device, written, rows=[]) == "nobody"
    assert both(device, written, rows=ROWS) == "Bo&lt;Ann&gt;"


def test_a_loop_with_a_test_counts_what_it_keeps(device: Device) -> None:
    written = "{% for r in rows if r.pages > 5 %}{{ loop.length }}{{ loop.last }}{% endfor %}"
    assert both(device, written, rows=ROWS) == "1True"


def test_a_loop_over_a_row_gives_the_names_of_its_fields(device: Device) -> None:
    assert both(device, "{% for k in row %}{{ k }} {% endfor %}", row=ROWS[0]) == "name pages "


def test_what_a_loop_sets_is_forgotten_after_it(device: Device) -> None:
    written = "{% set x = 1 %}{% for r in rows %}{% set x = 2 %}{% endfor %}{{ x }}"
    assert both(device, written, rows=ROWS) == "1"


def test_a_namespace_is_remembered_after_a_loop(device: Device) -> None:
    loop = "{% for r in rows %}{% set ns.sum = ns.sum + r.pages %}{% endfor %}"
    written = f"{{% set ns = namespace(sum=0) %}}{loop}{{{{ ns.sum }}}}"
    assert both(device, written, rows=ROWS) == "17"


def test_what_if_sets_is_remembered_after_it(device: Device) -> None:
    assert both(device, "{% if true %}{% set x = 2 %}{% endif %}{{ x }}") == "2"


def test_a_set_block_is_safe_text(device: Device) -> None:
    written = "{% set kept %}<b>{{ x }}</b>{% endset %}{{ kept }}{{ kept|upper }}"
    assert both(device, written, x="<") == "<b>&lt;</b><B>&LT;</B>"


def test_with_names_a_value_for_a_while(device: Device) -> None:
    written = "{% with x = 2, y = x %}{{ x }}{{ y }}{% endwith %}{{ x }}"
    assert both(device, written, x=1) == "211"


def test_a_macro_takes_arguments_by_place_and_by_name(device: Device) -> None:
    macro = "{% macro m(a, b='-', c=a) %}<i>{{ a }}{{ b }}{{ c }}</i>{% endmacro %}"
    written = macro + "{{ m('<') }}{{ m(1, c=3) }}{{ m(b=2, a=1) }}"
    assert both(device, written) == "<i>&lt;-&lt;</i><i>1-3</i><i>121</i>"


def test_an_empty_argument_is_no_missing_one(device: Device) -> None:
    macro = "{% macro m(a='-') %}[{{ a }}]{% endmacro %}"
    assert both(device, macro + "{{ m('') }}{{ m(none) }}{{ m(0) }}{{ m() }}") == "[][][0][-]"


def test_a_macro_may_name_an_argument_as_javascript_names_its_own(device: Device) -> None:
    written = "{% macro m(constructor=1, toString='b') %}{{ constructor }}{{ toString }}"
    assert both(device, f"{written}{{% endmacro %}}{{{{ m() }}}}") == "1b"


def test_an_argument_does_not_know_those_after_it(device: Device) -> None:
    macro = "{% macro m(a=b, b=2) %}{{ a|d('-') }}{{ b }}{% endmacro %}"
    assert both(device, macro + "{{ m() }}") == "-2"


def test_any_name_may_begin_with_underscores(device: Device) -> None:
    written = "{% set ns = namespace(_x=1) %}{{ ns._x }}{% macro m(__proto__=2) %}{{ __proto__ }}"
    assert both(device, f"{written}{{% endmacro %}}{{{{ m(__proto__=3) }}}}{{{{ m() }}}}") == "132"


def test_a_macro_fails_on_arguments_it_does_not_know(device: Device) -> None:
    macro = "{% macro m(a) %}{{ a }}{% endmacro %}"
    assert "takes no b" in neither(device, macro + "{{ m(1, b=2) }}")
    assert "no further argument" in neither(device, macro + "{{ m(1, 2) }}")
    assert "a is undefined" in neither(device, macro + "{{ m() }}")


def test_macros_are_imported_by_name_or_as_a_whole(device: Device) -> None:
    others = {"_m.html": "{% macro m(a) %}<{{ a }}>{% endmacro %}{% set x = 7 %}"}
    written = "{% from '_m.html' import m, m as n %}{% import '_m.html' as all %}"
    assert both(device, written + "{{ m(1) }}{{ n(2) }}{{ all.m(3) }}{{ all.x }}", others) == (
        "<1><2><3>7"
    )


def test_a_template_gives_away_only_what_it_names_itself(device: Device) -> None:
    others = {
        "_own.html": "{% macro m() %}{% endmacro %}",
        "_m.html": "{% set m = 1 %}{% from '_own.html' import m %}{% set _x = 1 %}{% set x = 2 %}",
    }
    asked = "{{ all.m is defined }}{{ all._x is defined }}{{ all.x is defined }}"
    written = "{% import '_m.html' as all %}" + asked
    assert both(device, written, others) == "FalseFalseTrue"


def test_an_imported_macro_does_not_know_the_page(device: Device) -> None:
    others = {"_m.html": "{% macro m() %}{{ x|d('-') }}{% endmacro %}"}
    assert both(device, "{% from '_m.html' import m %}{{ m() }}", others, x=1) == "-"


def test_an_included_part_knows_the_page_and_what_it_has_set(device: Device) -> None:
    others = {"_part.html": "{{ x }}{{ y }}{{ r }}"}
    written = "{% set y = 2 %}{% for r in [3] %}{% include '_part.html' %}{% endfor %}"
    assert both(device, written, others, x=1) == "123"


def test_an_included_part_sees_the_nearest_of_two_names(device: Device) -> None:
    written = "{% set r = 1 %}{% for r in [2] %}{% include '_part.html' %}{% endfor %}"
    assert both(device, written, {"_part.html": "{{ r }}"}, r=0) == "2"


def test_a_page_fills_the_blocks_of_its_parents(device: Device) -> None:
    others = {
        "base.html": "<{% block a %}base{% endblock %}|{% block b %}{{ x }}{% endblock %}>\n",
        "middle.html": "{% extends 'base.html' %}{% block a %}mid {{ super() }}{% endblock %}",
    }
    written = "{% extends 'middle.html' %}lost{% block a %}top {{ super() }}{% endblock %}"
    assert both(device, written, others, x="&") == "<top mid base|&amp;>\n"


def test_what_a_page_sets_before_its_parent_is_known_in_its_blocks(device: Device) -> None:
    others = {"base.html": "{% block a %}{% endblock %}{{ x }}"}
    written = "{% extends 'base.html' %}{% set x = 1 %}{% block a %}{{ x }}{% endblock %}"
    assert both(device, written, others) == "11"


def test_a_card_is_spelled_without_html(device: Device) -> None:
    others = {"card.vcf": "FN:{{ name|vcard }}\n"}
    written = "{% include 'card.vcf' %}"
    assert both(device, written, others, name="O'Dowd, S.; B\\C") == "FN:O'Dowd\\, S.\\; B\\\\C\n"


def test_a_page_with_a_parent_keeps_what_it_captures(device: Device) -> None:
    others = {"base.html": "{% block a %}{% endblock %}"}
    given = "{% set kept %}<i>{% endset %}{% macro m() %}<b>{% endmacro %}"
    written = f"{{% extends 'base.html' %}}{given}{{% block a %}}{{{{ kept }}}}{{{{ m() }}}}"
    assert both(device, f"{written}{{% endblock %}}", others) == "<i><b>"


def test_groups_have_a_grouper_and_a_list(device: Device) -> None:
    loop = "{% for g in rows|groupby('name') %}{{ g.grouper }}{{ g.list|length }} {% endfor %}"
    assert both(device, loop, rows=[*ROWS, ROWS[0]]) == "&lt;Ann&gt;1 Bo2 "


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("{{ rows[1:2] }}", "slicing is not in the dialect: let the query give what is shown."),
        ("{{ 1 < x < 3 }}", "chained comparison is not in the dialect: join two with and."),
        ("{{ 6 / 2 }}", "/ is not in the dialect: let the query divide, or use // for whole"),
        ("{{ 2 ** 3 }}", "** is not in the dialect"),
        ("{{ 1.5 }}", "numbers have no fractions here: count in smaller units."),
        ("{{ 9007199254740992 }}", "a device counts only to 9007199254740991."),
        ("{{ row.items() }}", "methods are not in the dialect"),
        ("{{ 'a'.upper() }}", "methods are not in the dialect"),
        ("{{ x() }}", "x is no macro of this template: define it here or import it."),
        ("{{ range(3) }}", "range is no macro of this template"),
        ("{{ x|safe }}", "the filter safe is not in the dialect: it has clock, d, date,"),
        ("{{ x|json }}", "the filter json is not in the dialect"),
        ("{{ x|tojson }}", "the filter tojson is not in the dialect"),
        ("{{ x is mapping }}", "the test mapping is not in the dialect: it has defined, eq,"),
        ("{{ x|vcard }}", "vcard escapes nothing: it is for .vcf templates only."),
        ("{{ x|upper(1) }}", "upper: too many positional arguments."),
        ("{{ x|replace('a') }}", "replace: missing a required argument: 'new'."),
        ("{{ x|join(with=1) }}", "join: got an unexpected keyword argument 'with'."),
        ("{{ x|map('upper') }}", "map: "),
        ("{{ x|selectattr('a', 'gt', 1) }}", "selectattr knows only these tests:"),
        ("{{ x|selectattr('a', y) }}", "selectattr knows only these tests:"),
        ("{{ x|join(*y) }}", "* and ** are not in the dialect: name each argument."),
        ("{{ 'a' if x }}", "if without else is not in the dialect here"),
        ("{% for a, b in x %}{% endfor %}", "for takes one name"),
        ("{% for a in x recursive %}{% endfor %}", "recursive loops are not in the dialect"),
        ("{% for a in x %}{{ loop.cycle }}{% endfor %}", "loop.cycle is not in the dialect"),
        ("{{ loop.index }}", "loop is known only as loop.index and the like"),
        ("{% for a in x %}{{ loop }}{% endfor %}", "loop is known only as loop.index"),
        ("{% set a, b = x %}", "a value is given to one name at a time."),
        ("{% set loop = 1 %}", "loop means something else here: choose another name."),
        ("{% set a | upper %}x{% endset %}", "a set block has no filter"),
        ("{% filter upper %}x{% endfilter %}", "filter blocks are not in the dialect"),
        ("{% macro m() %}{% endmacro %}{% call m() %}{% endcall %}", "call blocks are not in"),
        ("{% macro m(a, a) %}{% endmacro %}", "each argument of a macro needs its own name."),
        ("{% macro m() %}{{ varargs }}{% endmacro %}", "varargs is not in the dialect"),
        ("{% macro m() %}{{ caller() }}{% endmacro %}", "caller is not in the dialect"),
        ("{% block a %}{% endblock %}{{ self.a() }}", "methods are not in the dialect"),
        ("{{ super() }}", "super is only ever called, as super(), inside a block."),
        ("{% block a scoped %}{% endblock %}", "scoped and required are not in the dialect"),
        ("{% block a required %}{% endblock %}", "scoped and required are not in the dialect"),
        ("{% block a %}{% endblock %}{% block a %}{% endblock %}", "defined twice"),
        ("{% if x %}{% extends 'a' %}{% endif %}", "extends stands once, at the top"),
        ("{% extends x %}", "the name of another template is written out, between quotes."),
        ("{% include x %}", "the name of another template is written out, between quotes."),
        ("{% include 'a' ignore missing %}", "include takes one template that exists"),
        ("{% include 'a' without context %}", "include takes one template that exists"),
        ("{% import 'a' as b with context %}", "import with context is not in the dialect"),
        (
            "{% autoescape false %}{% endautoescape %}",
            "autoescape is always on: leave the tag out.",
        ),
        ("{% do x %}", "unknown tag 'do'"),
        ("{% trans %}a{% endtrans %}", "unknown tag 'trans'"),
        ("{% break %}", "unknown tag 'break'"),
        ("{{ x", "end of template"),
    ],
)
def test_what_is_not_in_the_dialect_is_refused_by_name_and_line(
    written: str, complaint: str
) -> None:
    assert complaint in refused(written)
