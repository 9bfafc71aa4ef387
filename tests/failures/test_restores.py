"""F16: the office was brought back from a backup, and what it had answered since is on devices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.sync.phones import Crowd, Office, Phone, fresh, with_copy


def test_f16_what_a_restored_office_lost_is_sent_again_by_the_devices_that_still_have_it(
    office: Office, crowd: Crowd, tablet: Phone, tmp_path: Path
) -> None:
    day, other = office.ferry.days[13], office.ferry.days[14]
    truck = with_copy(crowd.phone("truck"))
    tablet.take("shoot_day", day, weather="Fog")
    tablet.exchange()
    office.back_up(tmp_path / "backup")
    tablet.take("shoot_day", day, safety="Life jackets")
    tablet.take("location", "", name="Quay 7")
    tablet.exchange()
    truck.take("shoot_day", other, weather="Rain")
    truck.exchange()
    before = office.results()

    office.restore(tmp_path / "backup")
    tablet.take("shoot_day", day, safety="Life jackets and a boat")
    for phone in (tablet, truck, tablet):
        assert phone.exchange() == {"gives": True}
        assert phone.outbox() == []
        assert phone.tables()["shoot_day"] == fresh(office, phone.person)["shoot_day"]

    after = office.results()
    lost = [name for name in before if name not in after and "office" not in name]
    assert lost == []
    rows = office.rows("select weather, safety from shoot_day where id = :id", id=day)
    assert rows == [{"weather": "Fog", "safety": "Life jackets and a boat"}]
    assert office.rows("select weather from shoot_day where id = :id", id=other) == [
        {"weather": "Rain"}
    ]
    assert len(office.rows("select 1 from location where name = 'Quay 7'")) == 1
    assert office.rows("select 1 from clash") == []


def test_f16_a_restored_office_that_knows_an_edit_does_not_take_it_twice(
    office: Office, tablet: Phone, tmp_path: Path
) -> None:
    tablet.take("location", "", name="Quay 7")
    tablet.exchange()
    office.back_up(tmp_path / "backup")
    place = office.rows("select id from location where name = 'Quay 7'")[0]["id"]
    office.ferry.write("Dana Farouk", "location", place, name="Quay 8")
    office.back_up(tmp_path / "backup")
    office.restore(tmp_path / "backup")
    assert tablet.exchange() == {"gives": True}
    sent = [
        one["id"]
        for asked in tablet.requests()
        if asked["body"]
        for one in asked["body"]["changes"]
    ]
    assert len(sent) == 2, "it was asked about again"
    assert tablet.value("location", place, "name") == "Quay 8"
    assert office.rows("select 1 from clash") == []


def test_f16_what_is_sent_again_overwrites_nothing_written_since_the_restore(
    office: Office, begun: Path, tablet: Phone
) -> None:
    day = office.ferry.days[13]
    tablet.take("shoot_day", day, weather="Fog")
    tablet.exchange()
    office.restore(begun)
    office.ferry.write("Dana Farouk", "shoot_day", day, weather="Rain")
    assert tablet.exchange() == {"gives": True}
    assert tablet.value("shoot_day", day, "weather") == "Rain"
    late = tablet.rows("select late_value, kept_value from clash")
    assert late == [{"late_value": "Fog", "kept_value": "Rain"}]


def test_f16_what_may_not_be_written_any_more_comes_back_to_its_author(
    office: Office, crowd: Crowd, begun: Path
) -> None:
    truck = with_copy(crowd.phone("truck"))
    truck.take("shoot_day", office.ferry.days[13], weather="Fog")
    truck.exchange()
    assert truck.outbox() == []
    office.restore(begun)
    office.cast("Dana Farouk", "crew")
    assert truck.exchange() == {"gives": True}
    assert [edit["value"] for edit in truck.returned()] == ["Fog"]
    assert truck.answered() == []


@pytest.mark.parametrize("n", range(6))
@pytest.mark.parametrize("how", ["die before", "die after"])
def test_f16_a_device_that_dies_while_it_sends_again_goes_on_afterwards(
    office: Office, begun: Path, tablet: Phone, how: str, n: int
) -> None:
    day = office.ferry.days[13]
    tablet.take("shoot_day", day, weather="Fog")
    tablet.exchange()
    office.restore(begun)
    tablet.plan(how, n)
    tablet.exchange()
    tablet.plan("")
    assert tablet.ready() or tablet.copy() == {"gives": True}
    assert tablet.exchange() == {"gives": True}
    assert tablet.value("shoot_day", day, "weather") == "Fog"
    assert tablet.outbox() == []
    assert tablet.tables() == fresh(office, tablet.person)


def test_f16_an_answer_from_before_the_restore_settles_nothing_after_it(
    office: Office, begun: Path, tablet: Phone
) -> None:
    tablet.take("shoot_day", office.ferry.days[13], weather="Fog")
    tablet.exchange("held")
    office.restore(begun)
    tablet.copy()
    tablet.land()
    assert [edit["value"] for edit in tablet.outbox()] == ["Fog"]
    assert tablet.exchange() == {"gives": True}
    assert tablet.value("shoot_day", office.ferry.days[13], "weather") == "Fog"


def test_f16_answered_edits_are_kept_for_seven_days_of_the_offices_clock(
    office: Office, tablet: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = datetime.now(UTC)
    tablet.take("shoot_day", office.ferry.days[13], weather="Fog")
    tablet.exchange()
    for days, left in ((6, 1), (8, 0)):
        moment = begin + timedelta(days=days)
        monkeypatch.setattr(office, "now", lambda moment=moment: moment)
        assert tablet.compare() == {"gives": True}
        assert len(tablet.answered()) == left


def test_f16_who_leaves_a_device_leaves_nothing_answered_on_it(
    office: Office, crowd: Crowd, tablet: Phone
) -> None:
    tablet.take("shoot_day", office.ferry.days[13], weather="Fog")
    tablet.exchange()
    tablet.take("shoot_day", office.ferry.days[13], safety="Life jackets")
    tablet.order("leave")
    assert tablet.answered() == []
    assert [edit["value"] for edit in tablet.outbox()] == ["Life jackets"]
    truck = with_copy(crowd.phone("truck"))
    truck.take("shoot_day", office.ferry.days[14], weather="Rain")
    truck.exchange()
    assert len(truck.answered()) == 1
    office.cast("Dana Farouk", None)
    truck.exchange()
    assert truck.answered() == []


def test_f16_what_somebody_else_had_answered_on_a_shared_tablet_is_not_sent_under_another_name(
    office: Office, begun: Path, tablet: Phone
) -> None:
    tablet.take("shoot_day", office.ferry.days[13], weather="Fog")
    tablet.exchange()
    keys = dict(office.keys)
    try:
        office.keys["tablet"] = keys["desk"]
        office.restore(begun)
        tablet.lose("replica")
        with_copy(tablet)
        assert tablet.exchange() == {"gives": True}
        assert office.rows("select 1 from change where wire like '%Fog%'") == []
    finally:
        office.keys |= keys
    tablet.lose("replica")
    with_copy(tablet)
    assert tablet.exchange() == {"gives": True}
    assert tablet.value("shoot_day", office.ferry.days[13], "weather") == "Fog"
