"""What goes wrong on a set, case by case, on real phones against a running office."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync.clock import parse
from tests.sync.phones import Crowd, Office, Phone, fresh, with_copy


def test_f1_a_request_that_never_left_is_sent_again(office: Office, tablet: Phone) -> None:
    day = office.ferry.days[13]
    assert tablet.take("shoot_day", day, weather="Fog") == {"gives": None}
    assert tablet.exchange("lost") == {"gives": False}
    assert [edit["value"] for edit in tablet.waiting()] == ["Fog"]
    assert tablet.exchange() == {"gives": True}
    assert tablet.waiting() == []
    assert tablet.value("shoot_day", day, "weather") == "Fog"
    assert tablet.tables() == fresh(office, tablet.person)


def test_f2_an_answer_that_was_lost_is_given_again_and_nothing_is_applied_twice(
    office: Office, tablet: Phone
) -> None:
    tablet.take("location", "", name="Quay 7")
    before = office.journal.stand()
    assert tablet.exchange("unheard") == {"gives": False}
    taken = office.journal.stand()
    assert taken > before
    assert tablet.exchange() == {"gives": True}
    assert len(office.rows("select 1 from location where name = 'Quay 7'")) == 1
    assert tablet.waiting() == []


def test_f3_a_batch_that_arrives_twice_is_applied_once(office: Office, tablet: Phone) -> None:
    tablet.take("location", "", name="Quay 7")
    assert tablet.exchange("twice") == {"gives": True}
    assert len(office.rows("select 1 from location where name = 'Quay 7'")) == 1
    assert tablet.tables() == fresh(office, tablet.person)


def test_f5_an_answer_older_than_what_came_meanwhile_is_left_out(
    office: Office, tablet: Phone
) -> None:
    day = office.ferry.days[13]
    assert tablet.exchange("held") == {"held": True}
    office.ferry.write("Dana Farouk", "shoot_day", day, weather="Fog")
    assert tablet.exchange() == {"gives": True}
    assert tablet.land() == {"gives": False}
    assert tablet.value("shoot_day", day, "weather") == "Fog"
    assert tablet.cursor == office.journal.stand()


def test_f6_an_answer_from_before_a_new_copy_leaves_no_gap(office: Office, tablet: Phone) -> None:
    day = office.ferry.days[13]
    tablet.copy("held")
    office.ferry.write("Dana Farouk", "shoot_day", day, weather="Fog")
    tablet.exchange()
    tablet.exchange("held")
    assert tablet.land() == {"gives": False}, "a copy older than this one goes nowhere"
    tablet.land()
    assert tablet.value("shoot_day", day, "weather") == "Fog"
    assert tablet.tables() == fresh(office, tablet.person)


def test_f6_an_answer_asked_for_by_a_copy_that_is_gone_is_left_out(
    office: Office, tablet: Phone
) -> None:
    tablet.exchange("held")
    tablet.order("forget")
    office.ferry.write("Dana Farouk", "shoot_day", office.ferry.days[13], weather="Fog")
    tablet.copy()
    tablet.land()
    assert tablet.tables() == fresh(office, tablet.person)


def test_f6_an_answer_that_begins_beyond_the_copy_is_left_out(
    office: Office, tablet: Phone
) -> None:
    day = office.ferry.days[13]
    tablet.copy("held")
    office.ferry.write("Dana Farouk", "shoot_day", day, weather="Fog")
    tablet.exchange()
    office.ferry.write("Dana Farouk", "shoot_day", day, safety="Life jackets")
    tablet.exchange("held")
    tablet.order("forget")
    assert tablet.land() == {"gives": True}
    assert tablet.land() == {"gives": False}
    assert tablet.exchange() == {"gives": True}
    assert tablet.tables() == fresh(office, tablet.person)


def test_f7_what_rests_on_a_refused_record_comes_back_with_it(office: Office, crowd: Crowd) -> None:
    desk = with_copy(crowd.phone("desk"))
    person = office.ferry.people["Vic Mallory"]
    desk.take("strip", "", banner="Lunch on the quay")
    strip = desk.waiting()[0]["record"]
    desk.take("strip", strip, banner="Lunch on the boat")
    desk.take("person", person, company="Cranes Ltd")
    assert desk.exchange() == {"gives": True}
    assert [edit["value"] for edit in desk.returned()] == [
        {"banner": "Lunch on the quay"},
        "Lunch on the boat",
    ]
    assert desk.value("person", person, "company") == "Cranes Ltd"


def test_f8_one_refused_edit_does_not_block_those_behind_it(office: Office, crowd: Crowd) -> None:
    desk = with_copy(crowd.phone("desk"))
    place = office.rows("select id from location where name = 'Studio B'")[0]["id"]
    desk.take("shoot_day", office.ferry.days[13], weather="Fog")
    desk.take("location", place, parking="Yard 3")
    desk.exchange()
    assert [edit["value"] for edit in desk.returned()] == ["Fog"]
    assert "only the coordinator" in desk.returned()[0]["say"]
    assert office.rows("select parking from location where id = :id", id=place) == [
        {"parking": "Yard 3"}
    ]


@pytest.mark.parametrize(
    "weather",
    ["html", "json", "disguised", "401", "403", "413", "426", "429", "500", "503", "502 after"],
)
def test_f9_a_page_of_somebody_else_is_never_taken_for_an_answer(
    office: Office, tablet: Phone, weather: str
) -> None:
    day = office.ferry.days[13]
    tablet.take("shoot_day", day, weather="Fog")
    before = tablet.outbox()
    assert tablet.exchange(weather) == {"gives": False}
    assert tablet.outbox() == before
    assert tablet.value("shoot_day", day, "weather") == "Fog"
    asked = tablet.order("told")["gives"]["asked"][-1]
    assert asked["redirect"] == "error", "a way to sign in is no answer either"
    assert tablet.exchange() == {"gives": True}
    assert tablet.outbox() == []


@pytest.mark.parametrize("weather", ["cut 20", "cut 50", "cut 99", "html", "json", "500", "429"])
def test_f10_a_copy_or_an_answer_cut_short_is_not_taken(
    office: Office, tablet: Phone, weather: str
) -> None:
    tablet.take("shoot_day", office.ferry.days[13], weather="Fog")
    assert tablet.exchange(weather) == {"gives": False}
    assert tablet.copy(weather).get("gives") is not True
    assert tablet.value("shoot_day", office.ferry.days[13], "weather") == "Fog"
    tablet.open()
    assert tablet.ready()
    assert tablet.exchange() == {"gives": True}
    assert tablet.tables() == fresh(office, tablet.person)


def test_f11_a_network_that_never_answers_is_given_up_and_pages_open(
    office: Office, tablet: Phone
) -> None:
    tablet.take("shoot_day", office.ferry.days[13], weather="Fog")
    assert tablet.exchange("silence") == {"gives": False}
    assert 0 < max(tablet.order("told")["gives"]["patience"]) <= 15_000
    assert "Fog" in tablet.order("answer", path=f"/days/{office.ferry.days[13]}")["gives"]


def test_f15_a_device_too_far_behind_gets_a_whole_copy(office: Office, tablet: Phone) -> None:
    person = office.ferry.people["Vic Mallory"]
    with office.journal.desk() as desk:
        for n in range(3001):
            desk.create("location", {"name": f"Quay {n}"})
    tablet.take("person", person, company="Cranes Ltd")
    assert tablet.exchange() == {"gives": True}
    assert tablet.tables() == fresh(office, tablet.person)
    assert tablet.waiting() == []


def test_f16_what_a_backup_did_not_have_overwrites_nothing(
    office: Office, begun: Path, tablet: Phone
) -> None:
    day = office.ferry.days[13]
    tablet.take("shoot_day", day, weather="Fog")
    office.restore(begun)
    office.ferry.write("Dana Farouk", "shoot_day", day, weather="Rain")
    tablet.lose("replica")
    tablet.copy()
    tablet.exchange()
    tablet.exchange()
    assert tablet.value("shoot_day", day, "weather") == "Rain"
    late = tablet.rows("select late_value, kept_value from clash")
    assert late == [{"late_value": "Fog", "kept_value": "Rain"}]


def test_f17_an_answer_without_news_does_not_take_the_place_of_the_news(
    office: Office, tablet: Phone
) -> None:
    office.ferry.write("Dana Farouk", "shoot_day", office.ferry.days[13], weather="Fog")
    assert tablet.exchange() == {"gives": True}
    assert tablet.exchange() == {"gives": True}
    tablet.open()
    assert tablet.ready()
    assert tablet.tables() == fresh(office, tablet.person)


def test_f22_three_edits_in_a_row_without_signal_do_not_clash(
    office: Office, tablet: Phone
) -> None:
    day = office.ferry.days[13]
    for weather in ("Fog", "Rain", "Sun"):
        tablet.take("shoot_day", day, weather=weather)
    assert tablet.exchange() == {"gives": True}
    assert tablet.outbox() == []
    assert tablet.value("shoot_day", day, "weather") == "Sun"
    assert office.rows("select 1 from clash") == []


def test_f31_a_role_that_changed_meanwhile_answers_each_edit_and_makes_a_new_copy(
    office: Office, crowd: Crowd
) -> None:
    truck = with_copy(crowd.phone("truck"))
    truck.take("shoot_day", office.ferry.days[13], weather="Fog")
    office.cast("Dana Farouk", "crew")
    assert truck.exchange() == {"gives": True}
    assert [edit["value"] for edit in truck.returned()] == ["Fog"]
    assert truck.tables() == fresh(office, truck.person)
    assert truck.tables()["strip"] == []


def test_f32_who_was_put_out_gives_up_the_copy_and_loses_no_word(
    office: Office, crowd: Crowd
) -> None:
    truck = with_copy(crowd.phone("truck"))
    truck.take("shoot_day", office.ferry.days[13], weather="Fog")
    name = truck.waiting()[0]["id"]
    office.cast("Dana Farouk", None)
    truck.exchange()
    assert not truck.ready()
    assert truck.order("shelf") == {"gives": 0}
    assert office.results()[name]["wire"]["value"] == "Fog"
    assert office.results()[name]["st"] == "rejected"
    assert [edit["value"] for edit in truck.outbox()] == ["Fog"]


def test_f32_a_strangers_no_puts_nobody_out(office: Office, tablet: Phone) -> None:
    held = tablet.order("shelf")
    assert tablet.copy("403") != {"gives": True}
    assert tablet.order("shelf") == held
    assert tablet.ready()


def test_f37_a_session_that_ended_keeps_everything_and_asks_to_sign_in(
    office: Office, tablet: Phone
) -> None:
    tablet.take("shoot_day", office.ferry.days[13], weather="Fog")
    assert tablet.exchange("401") == {"gives": False}
    assert tablet.state["told"] == "sign in"
    assert tablet.ready()
    assert [edit["value"] for edit in tablet.waiting()] == ["Fog"]


def test_f38_a_lost_phone_stops_showing_its_copy_when_its_lease_ends(
    office: Office, crowd: Crowd, tablet: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    assert tablet.ready()
    monkeypatch.setattr(office, "now", lambda: long_ago)
    assert tablet.exchange() == {"gives": True}
    assert not tablet.ready()
    tablet.open()
    assert not tablet.ready()
    untouched = with_copy(crowd.phone("laptop"))
    assert not untouched.ready(), "a copy that never exchanged has a lease too"


@pytest.mark.parametrize("n", [0, 1])
def test_f39_an_edit_that_did_not_reach_the_disk_is_not_called_saved(
    office: Office, tablet: Phone, n: int
) -> None:
    tablet.plan("QuotaExceededError", n)
    day = office.ferry.days[13]
    first = tablet.take("shoot_day", day, weather="Fog")
    second = tablet.take("shoot_day", day, weather="Rain")
    told = [first, second]
    assert told[n]["name"] == "QuotaExceededError"
    assert told[1 - n] == {"gives": None}
    assert len(tablet.waiting()) == 1
    assert tablet.state["waiting"] == 1


def test_f40_a_replica_the_browser_took_away_is_fetched_again_and_the_outbox_is_sent(
    office: Office, tablet: Phone
) -> None:
    day = office.ferry.days[13]
    tablet.take("shoot_day", day, weather="Fog")
    first = tablet.waiting()[0]["id"].split(".")[0]
    tablet.lose("replica")
    assert not tablet.ready()
    with_copy(tablet)
    assert tablet.value("shoot_day", day, "weather") == "Fog"
    tablet.take("shoot_day", day, safety="Life jackets")
    assert tablet.waiting()[1]["id"] == f"{first}.2"
    assert tablet.exchange() == {"gives": True}
    assert tablet.outbox() == []
    assert tablet.tables() == fresh(office, tablet.person)


def test_f41_a_device_that_lost_everything_has_another_name(office: Office, tablet: Phone) -> None:
    day = office.ferry.days[13]
    tablet.take("shoot_day", day, weather="Fog")
    before = tablet.waiting()[0]["id"]
    tablet.lose("replica")
    tablet.lose("outbox")
    with_copy(tablet).take("shoot_day", day, weather="Rain")
    after = tablet.waiting()[0]["id"]
    assert after.split(".")[0] != before.split(".")[0]
    assert tablet.exchange() == {"gives": True}


@pytest.mark.parametrize("how", ["InvalidStateError", "UnknownError"])
def test_f42_a_connection_to_the_disk_that_was_lost_is_opened_once_more(
    office: Office, tablet: Phone, how: str
) -> None:
    tablet.plan(how)
    assert tablet.take("shoot_day", office.ferry.days[13], weather="Fog") == {"gives": None}
    assert len(tablet.waiting()) == 1
    tablet.plan(how)
    assert tablet.exchange() == {"gives": True}
    assert tablet.tables() == fresh(office, tablet.person)


@pytest.mark.parametrize("n", range(4))
@pytest.mark.parametrize("how", ["die before", "die after"])
def test_f43_a_device_that_dies_at_any_write_goes_on_as_if_nothing_was(
    office: Office, tablet: Phone, how: str, n: int
) -> None:
    day = office.ferry.days[13]
    office.ferry.write("Dana Farouk", "shoot_day", day, safety="Life jackets")
    tablet.plan(how, n)
    tablet.take("shoot_day", day, weather="Fog")
    tablet.exchange()
    tablet.copy()
    tablet.plan("")
    assert tablet.ready()
    saved = n > 0 or how == "die after"
    assert tablet.exchange() == {"gives": True}
    assert tablet.outbox() == []
    assert (tablet.value("shoot_day", day, "weather") == "Fog") == saved
    assert tablet.tables() == fresh(office, tablet.person)


def test_f43_an_answered_edit_never_leaves_the_page_before_its_news_are_there(
    office: Office, tablet: Phone
) -> None:
    day = office.ferry.days[13]
    tablet.take("shoot_day", day, weather="Fog")
    tablet.plan("die after")
    tablet.exchange()
    assert tablet.value("shoot_day", day, "weather") == "Fog"


def test_f43_an_edit_sent_again_is_never_gone_if_the_device_dies_in_between(
    office: Office, crowd: Crowd
) -> None:
    desk = with_copy(crowd.phone("desk"))
    desk.take("shoot_day", office.ferry.days[13], weather="Fog")
    desk.exchange()
    edit = desk.returned()[0]["id"]
    desk.plan("die after")
    desk.order("reconsider", edit=edit, form={"again": "1"})
    assert {edit["value"] for edit in desk.outbox()} == {"Fog"}


def test_f49_two_exchanges_at_once_without_a_lock_end_as_one(office: Office, tablet: Phone) -> None:
    day = office.ferry.days[13]
    tablet.take("shoot_day", day, weather="Fog")
    tablet.exchange("held")
    office.ferry.write("Dana Farouk", "shoot_day", day, safety="Life jackets")
    tablet.exchange("held")
    tablet.land(1)
    tablet.land(0)
    assert tablet.outbox() == []
    assert tablet.value("shoot_day", day, "weather") == "Fog"
    assert tablet.exchange() == {"gives": True}
    assert tablet.tables() == fresh(office, tablet.person)


def test_f36_what_somebody_else_typed_on_a_shared_tablet_waits_for_them(
    office: Office, tablet: Phone
) -> None:
    day = office.ferry.days[13]
    tablet.take("shoot_day", day, weather="Fog")
    keys = dict(office.keys)
    try:
        office.keys["tablet"] = keys["desk"]
        tablet.lose("replica")
        with_copy(tablet)
        assert tablet.state["waiting"] == 0
        assert tablet.value("shoot_day", day, "weather") is None
        assert tablet.exchange() == {"gives": True}
        assert [edit["value"] for edit in tablet.waiting()] == ["Fog"]
    finally:
        office.keys |= keys
    tablet.lose("replica")
    with_copy(tablet)
    assert tablet.exchange() == {"gives": True}
    assert tablet.outbox() == []
    assert tablet.value("shoot_day", day, "weather") == "Fog"


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_f30_a_time_is_what_the_clock_on_the_wall_of_the_production_says_wherever_a_phone_is(
    office: Office, tablet: Phone, zone: str
) -> None:
    day = office.ferry.days[13]
    pages = [f"/days/{day}", "/today", "/board"]
    tablet.take("shoot_day", day, general_call="02:30", breakfast="01:59")
    at_home = [tablet.order("answer", path=path) for path in pages]
    try:
        tablet.order("travel", zone=zone)
        assert [tablet.order("answer", path=path) for path in pages] == at_home
        assert tablet.exchange() == {"gives": True}
    finally:
        tablet.order("travel", zone="UTC")
    there = office.rows("select general_call, breakfast from shoot_day where id = :id", id=day)
    assert there == [{"general_call": "02:30", "breakfast": "01:59"}]
    assert tablet.tables() == fresh(office, tablet.person)


def test_f30_an_edit_made_before_the_clocks_change_and_sent_after_says_the_same(
    office: Office, tablet: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = office.ferry.days[13]
    office.ferry.write("Dana Farouk", "production", "production", zone="Europe/Lisbon")
    tablet.exchange()
    before = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    tablet.later((before - datetime.now(UTC)).total_seconds())
    tablet.take("shoot_day", day, general_call="01:30")
    tablet.later(3 * 3600)
    monkeypatch.setattr(office, "now", lambda: before + timedelta(hours=3))
    assert tablet.exchange() == {"gives": True}
    assert tablet.value("shoot_day", day, "general_call") == "01:30"
    made = [one for one in office.results().values() if one["field"] == "general_call"][-1]
    assert abs(parse(made["at"]) - before) < timedelta(minutes=1), "when it was typed is an instant"
    assert made["received_at"].startswith("2026-10-25T02:30")
