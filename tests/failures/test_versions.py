"""Old and new versions side by side: a phone that was away for months, an office that went back."""

from __future__ import annotations

import pytest

from poc import versions
from tests.sync.phones import Office, Phone, fresh

UNKNOWN = "The office does not know this kind of record."


def typed_by_an_older_app(phone: Phone, now: str, then: str, **book: object) -> None:
    """Let what waits be written as an app had written it that called a field otherwise."""
    phone.order("kill")
    phone.order("alter", **{"from": now, "to": then})
    phone.open(**book)


def test_f45_an_edit_of_an_older_app_is_shown_and_sent_under_todays_name(
    office: Office, tablet: Phone
) -> None:
    day = office.ferry.days[13]
    tablet.take("shoot_day", day, weather="Fog")
    former = {"kinds": {}, "fields": {"shoot_day": {"sky": "weather"}}}
    typed_by_an_older_app(tablet, "weather", "sky", former=former)
    assert tablet.ready()
    assert tablet.value("shoot_day", day, "weather") == "Fog"
    assert tablet.exchange() == {"gives": True}
    assert tablet.outbox() == []
    assert tablet.tables() == fresh(office, tablet.person)


def test_f45_an_older_app_that_was_not_updated_yet_is_understood_by_a_newer_office(
    office: Office, tablet: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = office.ferry.days[13]
    tablet.take("shoot_day", day, weather="Fog")
    typed_by_an_older_app(tablet, "weather", "sky")
    column = office.journal.kinds["shoot_day"].table.c.weather
    monkeypatch.setitem(column.info, "was", ("sky",))
    office.restart()
    assert tablet.ready()
    assert tablet.exchange() == {"gives": True}
    assert tablet.outbox() == []
    assert tablet.value("shoot_day", day, "weather") == "Fog"


def test_f46_an_app_that_is_too_old_hands_over_its_edits_and_keeps_them_until_it_is_updated(
    office: Office, tablet: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = office.ferry.days[13]
    tablet.take("location", "", name="Quay 7")
    monkeypatch.setattr(versions, "OLDEST", versions.CLIENT + 1)
    office.ferry.write("Dana Farouk", "shoot_day", day, weather="Fog")
    for _ in range(2):
        tablet.exchange()
        assert tablet.state["told"] == "update"
        assert tablet.state["signal"]
        assert len(tablet.waiting()) == 1
        assert tablet.value("shoot_day", day, "weather") is None, "what it cannot read is not sent"
        assert len(office.rows("select 1 from location where name = 'Quay 7'")) == 1
    tablet.open(client=versions.CLIENT + 1)
    assert tablet.ready()
    assert tablet.exchange() == {"gives": True}
    assert tablet.state["told"] == ""
    assert tablet.outbox() == []
    assert len(office.rows("select 1 from location where name = 'Quay 7'")) == 1
    assert tablet.tables() == fresh(office, tablet.person)


def test_f46_what_an_older_office_does_not_know_comes_back_and_is_not_lost(
    office: Office, tablet: Phone
) -> None:
    day = office.ferry.days[13]
    tablet.take("location", "", name="Quay 7")
    typed_by_an_older_app(tablet, "location", "boat")
    assert tablet.ready()
    tablet.take("shoot_day", day, weather="Fog")
    assert tablet.exchange() == {"gives": True}
    assert [(edit["value"], edit["say"]) for edit in tablet.returned()] == [
        ({"name": "Quay 7"}, UNKNOWN)
    ]
    name = tablet.returned()[0]["id"]
    assert office.results()[name]["wire"]["value"] == {"name": "Quay 7"}
    assert tablet.value("shoot_day", day, "weather") == "Fog"
    tablet.order("reconsider", edit=name, form={"again": "1"})
    assert len(tablet.waiting()) == 1, "and may be sent once more, when the office is new again"


def test_f47_a_copy_for_other_tables_lies_beside_the_one_in_use(
    office: Office, tablet: Phone
) -> None:
    day = office.ferry.days[13]
    tablet.take("shoot_day", day, weather="Fog")
    old = tablet.order("shelves")["gives"]
    tablet.open(schema=7)
    assert not tablet.ready(), "pages of the new version come from the office until it has a copy"
    assert tablet.copy() == {"gives": False}, "which this office does not make for it yet"
    assert set(tablet.order("shelves")["gives"]) > set(old)
    tablet.open()
    assert tablet.ready()
    assert tablet.value("shoot_day", day, "weather") == "Fog"
    assert tablet.exchange() == {"gives": True}
    assert tablet.outbox() == []
