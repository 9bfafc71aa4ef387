"""Thin lines and busy offices: what goes out at once, when it is tried again, and by whom."""

from __future__ import annotations

import json
from statistics import mean

import pytest

from tests.sync.phones import Crowd, Office, Phone, fresh, with_copy

FIRST, LONGEST, LONGEST_ASKED, SPREAD = 2, 60, 600, 20


def sent_by(phone: Phone) -> list[list[dict[str, object]]]:
    return [one["body"]["changes"] for one in phone.requests() if one["body"]]


def asks(phone: Phone, **how: object) -> bool:
    """Say whether it asks the office, or lets it be."""
    before = len(phone.requests())
    phone.order("exchange", **how)
    return len(phone.requests()) > before


def test_f10_a_long_outbox_goes_out_whole_in_parts_that_a_thin_line_carries(
    office: Office, tablet: Phone
) -> None:
    place = office.rows("select id from location where name = 'Studio B'")[0]["id"]
    for n in range(260):
        tablet.take("location", place, parking=f"Yard {n}")
    for n in range(5):
        tablet.take("location", place, base_camp="ü" * 40_000 + str(n))
    assert tablet.exchange() == {"gives": True}
    parts = sent_by(tablet)
    assert [one["value"] for part in parts for one in part][:260] == [
        f"Yard {n}" for n in range(260)
    ]
    assert all(len(part) <= 200 for part in parts)
    assert all(len(json.dumps(part, ensure_ascii=False).encode()) <= 256_000 for part in parts)
    assert tablet.outbox() == []
    assert tablet.tables() == fresh(office, tablet.person)


def test_f10_what_was_answered_before_the_line_broke_is_not_sent_again(
    office: Office, tablet: Phone
) -> None:
    place = office.rows("select id from location where name = 'Studio B'")[0]["id"]
    for n in range(260):
        tablet.take("location", place, parking=f"Yard {n}")
    assert tablet.exchange("", "cut 50") == {"gives": False}
    assert len(tablet.outbox()) == 60
    assert tablet.exchange() == {"gives": True}
    assert sent_by(tablet)[-1][0]["value"] == "Yard 200"


def test_f10_after_a_failure_less_is_tried_and_one_long_edit_goes_all_the_same(
    office: Office, tablet: Phone
) -> None:
    place = office.rows("select id from location where name = 'Studio B'")[0]["id"]
    for n in range(4):
        tablet.take("location", place, parking=f"{n}" * 30_000)
    for _ in range(6):
        assert tablet.exchange("cut 50") == {"gives": False}
    assert [len(part) for part in sent_by(tablet)] == [4, 4, 2, 1, 1, 1]
    assert tablet.exchange() == {"gives": True}
    assert tablet.outbox() == []


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [("30", 30), ("Mon, 13 Apr 2026 21:16:00 GMT", 120), ("86400", LONGEST_ASKED)],
)
def test_f12_an_office_that_says_when_to_come_again_is_left_alone_until_then(
    office: Office, tablet: Phone, wish: str, seconds: int
) -> None:
    tablet.order("throw", dice=0.5)
    tablet.take("shoot_day", office.ferry.days[13], weather="Fog")
    assert tablet.exchange(f"wait {wish}") == {"gives": False}
    tablet.later(seconds - 1)
    assert not asks(tablet)
    tablet.open()
    assert tablet.ready()
    assert not asks(tablet), "also after the app was closed"
    assert tablet.copy() == {"gives": False}
    tablet.later(1 + min(seconds, SPREAD) + 1)
    assert tablet.exchange() == {"gives": True}
    assert tablet.outbox() == []


def test_f12_devices_that_were_told_the_same_time_do_not_all_come_back_at_once(
    office: Office, crowd: Crowd
) -> None:
    back = []
    for n in range(8):
        phone = with_copy(crowd.phone("tablet"))
        phone.order("throw", dice=n / 8)
        phone.exchange("wait 30")
        waited = next(s for s in range(61) if s and phone.later(1) is None and asks(phone))
        back.append(waited)
    assert min(back) >= 30
    assert len(set(back)) == 8, back
    assert max(back) <= 30 + SPREAD


def test_f12_a_wish_that_makes_no_sense_is_none(office: Office, tablet: Phone) -> None:
    for wish in ("soon", "-5", "0", "Mon, 13 Apr 2020 21:16:00 GMT"):
        assert tablet.exchange(f"wait {wish}") == {"gives": False}
        assert asks(tablet)


def test_f12_a_clock_that_is_set_back_keeps_no_device_away(office: Office, tablet: Phone) -> None:
    tablet.exchange("wait 30")
    tablet.later(-3 * 24 * 3600)
    assert asks(tablet)


def test_f12_rests_after_failures_grow_differ_and_end(office: Office, tablet: Phone) -> None:
    for dice in (0.25, 0.999):
        tablet.order("throw", dice=dice)
        for failures in range(1, 9):
            assert tablet.exchange("503") == {"gives": False}
            rest = dice * min(LONGEST, FIRST * 2**failures)
            tablet.later(rest - 0.2)
            assert not asks(tablet, eager=False)
            tablet.later(0.3)
        assert tablet.order("exchange", eager=False) == {"gives": True}
        assert asks(tablet, eager=False), "an answer ends it"


def test_f12_who_has_the_phone_in_the_hand_does_not_wait_for_the_dice(
    office: Office, tablet: Phone
) -> None:
    tablet.order("throw", dice=0.999)
    for _ in range(6):
        tablet.exchange("lost")
    assert not asks(tablet, eager=False)
    assert asks(tablet)


def test_f12_the_dice_of_devices_are_their_own(office: Office, tablet: Phone) -> None:
    rests = []
    for _ in range(12):
        tablet.exchange("503")
        tablet.exchange("503")
        rests.append(
            next(n for n in range(99) if not tablet.later(0.2) and asks(tablet, eager=False))
        )
    assert len(set(rests)) > 4
    assert mean(rests) * 0.2 < FIRST * 4


def test_f49_of_two_who_would_exchange_at_once_one_does(office: Office, tablet: Phone) -> None:
    tablet.order("lock", held=[])
    tablet.take("shoot_day", office.ferry.days[13], weather="Fog")
    assert tablet.exchange("held") == {"held": True}
    assert not asks(tablet)
    assert tablet.land() == {"gives": True}
    assert asks(tablet)


def test_f49_a_frozen_tab_that_holds_the_lock_stops_nobody_for_ever(
    office: Office, tablet: Phone
) -> None:
    tablet.order("lock", held=["poc-exchange-night-ferry"])
    tablet.take("shoot_day", office.ferry.days[13], weather="Fog")
    assert not asks(tablet)
    tablet.later(50)
    assert not asks(tablet)
    tablet.later(11)
    assert tablet.exchange() == {"gives": True}
    assert tablet.outbox() == []
