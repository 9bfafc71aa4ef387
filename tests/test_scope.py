"""What a device is told of records that its person may not hold."""

import json

from poc.demo import COORDINATOR, NightFerry
from sync import Request
from tests.test_doors import WHO

ON_BOTH = True


def told(ferry: NightFerry, name: str, cursor: int) -> dict[str, list[object]]:
    """Ask as somebody's phone that has everything up to the cursor."""
    person = ferry.people[name]
    first = json.loads(ferry.production.journal.exchange(person, Request("phone")))
    stands = {"generation": first["generation"], "epoch": first["epoch"], "cursor": cursor}
    reply = json.loads(ferry.production.journal.exchange(person, Request("phone", **stands)))
    assert not reply["reset"]
    return {record: fields for _, record, _, fields in reply["records"]}


def test_a_phone_is_not_told_that_other_peoples_records_exist(ferry: NightFerry) -> None:
    cursor = ferry.production.journal.stand()
    ferry.write(COORDINATOR, "shoot_day", ferry.days[12], general_call="09:00")
    ferry.publish(12)
    mine = ferry.people["Ines Okafor"]
    records = told(ferry, "Ines Okafor", cursor)
    held = [fields for fields in records.values() if fields]
    assert {fields["person"] for fields in held if "person" in fields} == {mine}
    assert len(records) - len(held) == 1  # the publication that was superseded


def test_who_may_not_hold_a_record_any_more_is_told_that_it_is_gone(ferry: NightFerry) -> None:
    journal = ferry.production.journal
    mine, other = ferry.people["Ines Okafor"], ferry.people["Wen Li"]
    with journal.desk() as desk:
        moved = desk.create("notice", {"person": mine, "title": "Call 07:00"})
        again = desk.create("notice", {"person": mine, "title": "Call 08:00"})
    cursor = journal.stand()
    with journal.desk() as desk:
        desk.set("notice", moved, person=other)
        desk.remove("notice", again)
        desk.create("notice", {"person": other, "title": "Call 08:00"}, again)
    assert told(ferry, "Ines Okafor", cursor) == {moved: None, again: None}
    assert all(told(ferry, "Wen Li", cursor).values())


def test_what_collided_in_private_details_reaches_only_whoever_may_read_them(
    ferry: NightFerry,
) -> None:
    journal = ferry.production.journal
    cursor = journal.stand()
    with journal.desk() as desk:
        about = {"late_by": ferry.people["Wen Li"], "kept_value": "Nut allergy"}
        private = desk.create("clash", {"subject": "particulars", **about})
        plain = desk.create("clash", {"subject": "shoot_day", **about})
    for role, held in (("ad", {plain}), ("assistant", {plain}), ("upm", {plain, private})):
        assert set(told(ferry, WHO[role], cursor)) & {plain, private} == held
