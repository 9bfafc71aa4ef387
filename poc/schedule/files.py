"""Bringing a shooting schedule in: scenes, elements, days and strips."""

from collections import Counter
from datetime import date, timedelta

from poc.bring import Bring, name_of
from poc.reading import Refused
from poc.schedule.reading import Day, Scene, Schedule, Strip

MAIN_UNIT = name_of("unit", "Main Unit")


def bring(desk: Bring, schedule: Schedule, start: str = "") -> None:
    """Write a schedule; `start` moves its first day to another date of the same weekday."""
    shift = _shift(schedule, start)
    title = {"title": schedule.title, "company": schedule.company}
    colours = {"script_colour": schedule.script_colour, "script_date": schedule.script_date}
    stand = desk.desk.standing("production", "production")
    fields = {**title, **colours} if not stand.fields.get("title") else colours
    desk.record("production", "production", fields)
    desk.record("unit", MAIN_UNIT, {"name": "Main Unit"})
    scenes = _scenes(desk, schedule)
    _elements(desk, schedule, scenes)
    banners = {banner.source: banner.text for banner in schedule.banners}
    for day in schedule.days:
        _day(desk, day, shift, scenes)
    for place, source in enumerate(schedule.boneyard, 1):
        strip = Strip(source, source if source in scenes else None, banners.get(source), 0)
        _strip(desk, strip, scenes, "boneyard", place)


def _shift(schedule: Schedule, start: str) -> timedelta:
    first = next((day.date for day in schedule.days if day.date), "")
    if not start or not first:
        return timedelta()
    try:
        moved = date.fromisoformat(start) - date.fromisoformat(first)
    except ValueError:
        raise Refused(f"The start is written like 2026-04-13, not {start}.") from None
    if moved.days % 7:
        weekday = date.fromisoformat(first).strftime("%A")
        raise Refused(f"This schedule starts on a {weekday}. Choose a {weekday} to start on.")
    return moved


def _scenes(desk: Bring, schedule: Schedule) -> dict[str, str]:
    numbers = Counter(scene.number for scene in schedule.scenes)
    return {
        scene.source: desk.record("scene", _scene_id(scene, numbers), _scene(scene, order))
        for order, scene in enumerate(schedule.scenes, 1)
    }


def _scene_id(scene: Scene, numbers: Counter[str]) -> str:
    alone = scene.number and numbers[scene.number] == 1
    return name_of("scene", scene.number if alone else scene.source)


def _scene(scene: Scene, order: int) -> dict[str, object]:
    return {
        "number": scene.number,
        "int_ext": scene.int_ext,
        "set_name": scene.set_name,
        "day_night": scene.day_night,
        "script_day": scene.script_day,
        "synopsis": scene.synopsis,
        "eighths": scene.eighths,
        "minutes": scene.minutes or None,
        "script_page": scene.page,
        "script_order": order,
        "notes": scene.comments,
    }


def _elements(desk: Bring, schedule: Schedule, scenes: dict[str, str]) -> None:
    ids = {}
    for element in schedule.elements:
        if not element.of_heading:
            ids[element.source] = name_of("element", element.category, element.number, element.name)
            fields = {"category": element.category, "ucid": element.ucid, "name": element.name}
            fields |= {"number": element.number}
            desk.record("element", ids[element.source], fields)
    for scene in schedule.scenes:
        for source in dict.fromkeys(scene.elements):
            if source in ids:
                both = {"scene": scenes[scene.source], "element": ids[source]}
                desk.record("appearance", name_of("appearance", *both.values()), both)


def _day(desk: Bring, day: Day, shift: timedelta, scenes: dict[str, str]) -> None:
    shoot_day = name_of("shoot_day", str(day.number))
    moved = (date.fromisoformat(day.date) + shift).isoformat() if day.date else None
    fields = {"number": day.number, "date": moved, "unit": MAIN_UNIT}
    desk.record("shoot_day", shoot_day, fields)
    for place, strip in enumerate(day.strips, 1):
        _strip(desk, strip, scenes, shoot_day, place)


def _strip(desk: Bring, strip: Strip, scenes: dict[str, str], where: str, place: int) -> None:
    scene = scenes.get(strip.scene or "")
    fields = {
        "scene": scene,
        "banner": strip.banner,
        "sort": "banner" if strip.banner else None,
        "minutes": strip.minutes or None,
        "place": f"{where} {place * 100:06d}",
    }
    desk.record("strip", name_of("strip", scene or strip.source), fields)
