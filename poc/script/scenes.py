"""What a draft gives the schedule: scenes, who speaks in them, and their place in the boneyard."""

from typing import Any

from sqlalchemy import text

from poc.bring import Bring, name_of
from poc.script.drafts import Former
from poc.script.headings import heading, name_in_cue
from poc.script.reading import Scene, Script

PLACES = ("script_order", "script_page")  # every draft has its own, and the newest is right
CAST, CAST_UCID = "Cast Members", 100


def bring_scene(desk: Bring, record: str, scene: Scene, former: Former | None, order: int) -> None:
    """Write what the draft says anew; what it always said may have been corrected since."""
    wanted = {"script_order": order, **_facts(scene)}
    stand = desk.desk.standing("scene", record)
    if stand.seq:
        said = _said(former) if former else {}
        wanted = {
            name: value
            for name, value in wanted.items()
            if name in PLACES
            or stand.fields.get(name) is None
            or (former and said.get(name, value) != value)
        }
        # An estimate takes the place of an earlier estimate, and of nothing that anybody counted.
        guessed = (None, former.eighths if former else None)
        if scene.estimated and stand.fields.get("eighths") not in guessed:
            wanted.pop("eighths", None)
    desk.record("scene", record, wanted)


def _facts(scene: Scene) -> dict[str, Any]:
    return {
        "number": scene.number,
        "int_ext": scene.int_ext,
        "set_name": scene.set_name,
        "day_night": scene.day_night,
        "synopsis": scene.synopsis,
        "eighths": scene.eighths,
        "script_page": scene.page,
    }


def _said(former: Former) -> dict[str, Any]:
    parts = heading(former.heading)
    return {
        "number": former.number,
        "int_ext": parts.int_ext,
        "set_name": parts.set_name,
        "day_night": parts.day_night,
        "eighths": former.eighths,
    }


def bring_cast(desk: Bring, script: Script, ids: list[str]) -> None:
    """Add who speaks. Nobody is taken out: who says nothing may still be in the scene."""
    query = text("select id, name from element where gone = 0 and category = :cast order by id")
    cast = desk.desk.connection.execute(query, {"cast": CAST}).all()
    # A schedule writes "FARAH (5 mo)" and "FARAH (1 mo)" for whom the script calls FARAH.
    names = {row.id: name_in_cue(row.name or "") for row in cast}
    elements = {name: element for element, name in reversed(names.items())}
    query = text("select scene, element from appearance where gone = 0")
    here = {(row.scene, names.get(row.element)) for row in desk.desk.connection.execute(query)}
    for scene, record in zip(script.scenes, ids, strict=True):
        for name in scene.cast:
            if (record, name) not in here:
                element = elements.get(name) or _member(desk, name)
                elements[name] = element
                both = {"scene": record, "element": element}
                desk.record("appearance", name_of("appearance", *both.values()), both)


def _member(desk: Bring, name: str) -> str:
    fields = {"category": CAST, "ucid": CAST_UCID, "name": name}
    return desk.record("element", name_of("element", CAST, "", name), fields)


def bring_strips(desk: Bring, script: Script, ids: list[str]) -> None:
    """Put scenes that are nowhere on the board into its boneyard, so that nothing is forgotten."""
    query = text("select distinct scene from strip where gone = 0 and scene is not null")
    placed = set(desk.desk.connection.execute(query).scalars())
    for order, (scene, record) in enumerate(zip(script.scenes, ids, strict=True), 1):
        if record not in placed and not scene.omitted:
            fields = {"scene": record, "place": f"boneyard {order * 100:06d}"}
            desk.record("strip", name_of("strip", record), fields)
