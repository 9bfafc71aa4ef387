"""F18: a copy that is not as the office has it, for whatever reason, is found out and replaced."""

from __future__ import annotations

import pytest

from tests.sync.phones import Crowd, Office, Phone, fresh, with_copy

DAY = 24 * 3600
COMPARED = "select value from replica where key = 'compared_at'"


def copies_asked(phone: Phone) -> list[str]:
    return [one["url"] for one in phone.requests() if "snapshot" in one["url"]]


@pytest.mark.parametrize(
    "stray",
    [
        "delete from strip where id = (select min(id) from strip)",
        "insert into strip (id, seq, gone, banner) values ('kept', 3, 0, 'Lunch')",
        "update strip set place = 'boneyard 1' where id = (select min(id) from strip)",
        "delete from strip",
    ],
    ids=["a record lost", "a record kept", "a change missed", "a kind lost"],
)
def test_f18_a_copy_that_strayed_is_replaced_and_what_waits_stays(
    office: Office, tablet: Phone, stray: str
) -> None:
    day = office.ferry.days[13]
    tablet.order("stray", sql=stray)
    assert tablet.tables() != fresh(office, tablet.person)
    assert tablet.exchange() == {"gives": True}
    assert tablet.tables() != fresh(office, tablet.person), "nobody asked"
    tablet.take("shoot_day", day, weather="Fog")
    tablet.plan("QuotaExceededError", 9)
    assert tablet.compare("lost") == {"gives": False}
    assert [edit["value"] for edit in tablet.outbox()] == ["Fog"]
    tablet.plan("")
    assert tablet.compare() == {"gives": True}
    assert tablet.tables() == fresh(office, tablet.person)
    assert copies_asked(tablet)[-1].endswith("/sync/snapshot?strayed=strip")
    assert tablet.value("shoot_day", day, "weather") == "Fog"
    assert tablet.outbox() == []


def test_f18_a_copy_made_for_other_tables_is_not_compared(office: Office, tablet: Phone) -> None:
    tablet.order("stray", sql="delete from strip")
    assert tablet.order("exchange", about={"digest": office.schema + 1}) == {"gives": True}
    assert len(copies_asked(tablet)) == 1, "the first one"
    assert tablet.compare() == {"gives": True}
    assert len(copies_asked(tablet)) == 2


def test_whatever_a_record_says_the_phone_and_the_office_sum_it_up_alike(
    office: Office, tablet: Phone
) -> None:
    said = {"weather": "\U0001f327 מעונן, 9 °C", "notes": "é\x1f\x7f\n“…”", "safety": ""}
    for n, day in enumerate(office.ferry.days.values()):
        office.ferry.write("Dana Farouk", "shoot_day", day, lunch_minutes=str(n), **said)
    before = tablet.rows(COMPARED)
    tablet.later(60)
    assert tablet.compare() == {"gives": True}
    assert tablet.rows(COMPARED) != before
    assert len(copies_asked(tablet)) == 1, "the first one"


def test_f18_a_new_copy_that_does_not_arrive_is_asked_for_again(
    office: Office, tablet: Phone
) -> None:
    tablet.order("stray", sql="delete from strip")
    tablet.compare("", "lost")
    assert tablet.tables()["strip"] == []
    tablet.later(DAY + 60)
    assert tablet.exchange() == {"gives": True}
    assert tablet.tables() == fresh(office, tablet.person)


@pytest.mark.parametrize("name", ["tablet", "truck", "desk", "phone"])
def test_f18_a_copy_is_compared_once_a_day_and_a_whole_one_is_left_alone(
    office: Office, crowd: Crowd, name: str
) -> None:
    phone = with_copy(crowd.phone(name))
    office.ferry.write("Dana Farouk", "shoot_day", office.ferry.days[13], weather="Fog")
    for later, compared in ((60, 0), (DAY, 1), (DAY / 2, 0), (DAY, 1), (-9 * DAY, 1), (60, 0)):
        phone.later(later)
        before = len(phone.requests())
        assert phone.exchange() == {"gives": True}
        asked = [one["body"].get("digest") for one in phone.requests()[before:]]
        assert asked == [office.schema if compared else None]
    assert len(copies_asked(phone)) == 1, "the first one"
    phone.open()
    phone.ready()
    phone.exchange()
    assert phone.requests()[-1]["body"].get("digest") is None, "it is remembered"
