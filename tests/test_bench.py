"""The benches run, at a size at which nothing is measured but that they do."""

import pytest

from bench import kill, planning, push
from bench.sync import Load, figures

KEYS = {"name", "value", "unit", "target", "met"}
TINY = Load(records=450, devices=3, edits=5, histories=(100,))


def test_what_sync_costs_is_measured_and_every_edit_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PEERS", raising=False)
    found = {figure["name"]: figure for figure in figures(TINY)}
    assert all(figure.keys() >= KEYS for figure in found.values())
    assert found["3 devices return with 5 edits each, different ends"]["value"] == 0
    assert found["one change reaches 2 open devices, bytes down each"]["met"]
    assert found["acknowledged edits missing after kill -9"]["value"] == 0
    assert found["peers"]["ratio"] is None


# What watches over things that processes share may have ended: these share nothing.
@pytest.mark.filterwarnings("ignore:resource_tracker")
def test_how_often_an_office_was_killed_at_work_is_told() -> None:
    (found,) = kill.figures(4)
    assert found.keys() >= KEYS
    assert 0 < found["value"] <= 4


def test_what_telling_everybody_costs_is_measured_and_everybody_is_told() -> None:
    found = {figure["name"]: figure for figure in push.figures(push.Load(20, 2, 20))}
    assert all(figure.keys() >= KEYS for figure in found.values())
    assert found["notices that came"]["value"] == 20
    assert found["notices of 2 films sent"]["value"] == 40


def test_what_a_script_costs_is_measured() -> None:
    found = list(planning.figures())
    assert all(figure.keys() >= KEYS for figure in found)
    assert any(figure["target"] for figure in found)
