"""What was written lately is read once, and told to each from where they stand."""

import json
from typing import Any

from sync.recent import LONGEST, Part, Recent, Shared

WHOLE = '["scene","{0}",{1},{{"heading":"PIER"}}]'


def put(seq: int, record: str, field: str, value: str) -> Part:
    return Part(seq, json.dumps(record), f"scene.{field}", json.dumps(value))


def whole(seq: int, record: str) -> Part:
    return Part(seq, json.dumps(record), "", WHOLE.format(record, seq))


def told(recent: Recent, cursor: int) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(f'{{"records":[{recent.above(cursor)}]}}')
    return answer


def test_fields_are_told_in_columns_in_the_order_of_their_numbers() -> None:
    recent = Recent(10, 10)
    recent.follow([put(13, "s2", "pages", "2"), put(11, "s1", "heading", "BAR")], 13)
    assert told(recent, 10) == {
        "records": [],
        "sets": [["scene.heading", "scene.pages"], [0, 1], ["s1", "s2"], [11, 2], ["BAR", "2"]],
    }
    assert told(recent, 11)["sets"] == [["scene.pages"], [0], ["s2"], [13], ["2"]]
    assert told(recent, 13) == {"records": []}


def test_a_later_value_takes_the_place_of_an_earlier_one() -> None:
    recent = Recent(10, 10)
    recent.follow([put(11, "s1", "heading", "BAR"), put(12, "s2", "heading", "QUAY")], 12)
    recent.follow([put(13, "s1", "heading", "PIER")], 13)
    assert told(recent, 10)["sets"][2:] == [["s2", "s1"], [12, 1], ["QUAY", "PIER"]]


def test_a_whole_record_takes_the_place_of_all_its_fields() -> None:
    recent = Recent(10, 10)
    recent.follow([put(11, "s1", "heading", "BAR"), put(12, "s1", "pages", "2")], 12)
    recent.follow([whole(13, "s1"), put(14, "s1", "pages", "3")], 14)
    answer = told(recent, 10)
    assert answer["records"] == [json.loads(WHOLE.format("s1", 13))]
    assert answer["sets"][2:] == [["s1"], [14], ["3"]]


def test_what_is_recent_is_read_only_once() -> None:
    shared, asked = Shared(), []

    def read(cursor: int) -> list[Part]:
        asked.append(cursor)
        return [put(n, "s1", f"f{n}", "x") for n in range(cursor + 1, 21)]

    first = shared.above("crew", 10, 20, read)
    assert shared.above("crew", 15, 20, read) != first
    assert shared.above("crew", 10, 20, read) is first
    assert asked == [10]
    shared.above("crew", 5, 20, read)  # whoever was away for longer
    shared.above("office", 10, 20, read)  # whoever may hold something else
    assert asked == [10, 5, 10]


def test_a_reader_of_an_older_state_is_told_no_more_than_that() -> None:
    shared = Shared()
    shared.above("crew", 10, 20, lambda cursor: [put(20, "s1", "heading", "LATER")])
    older = shared.above("crew", 10, 15, lambda cursor: [put(15, "s1", "heading", "BAR")])
    assert "LATER" not in (older or "LATER")
    assert "LATER" in (shared.above("crew", 10, 20, lambda cursor: None) or "")


def test_who_lacks_too_much_is_told_to_fetch_a_copy() -> None:
    shared = Shared()
    many = [put(n, f"s{n}", "heading", "BAR") for n in range(1, LONGEST + 2)]
    assert shared.above("crew", 0, LONGEST + 1, lambda cursor: many) is None
    assert shared.above("crew", 0, LONGEST + 2, lambda cursor: None) is None
