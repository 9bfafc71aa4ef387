"""Bringing a draft in: its scenes and who speaks in them, and what it changed."""

import hashlib
import json
from collections import Counter
from typing import Any

from sqlalchemy import text

from poc.bring import Bring, name_of
from poc.reading import Refused
from poc.script.drafts import Former, changed, meet, moved
from poc.script.headings import heading, name_in_cue
from poc.script.lengths import laid_out
from poc.script.reading import Scene, Script

PLACES = ("script_order", "script_page")  # every draft has its own, and the newest is right
CAST, CAST_UCID = "Cast Members", 100
FORMER = text(
    "select script_scene.scene, script_scene.number, script_scene.heading, script_scene.eighths,"
    " script_scene.omitted, script_scene.words, script_text.text"
    " from script_scene left join script_text on script_text.id = script_scene.words"
    " where script_scene.draft = :draft and script_scene.gone = 0 and script_scene.scene <> ''"
    " order by script_scene.script_order, script_scene.id"
)


def counted(script: Script) -> dict[str, object]:
    """What a check says of a script."""
    in_scenes = Counter(name for scene in script.scenes for name in scene.cast)
    return {
        "scenes": len(script.scenes),
        "scene_numbers": [scene.number or None for scene in script.scenes],
        "eighths": sum(scene.eighths for scene in script.scenes),
        "estimated": sum(scene.estimated for scene in script.scenes),
        "int_ext": dict(Counter(scene.int_ext or "none" for scene in script.scenes)),
        "characters": len(script.cues),
        "cast": [
            {"name": name, "cues": cues, "scenes": in_scenes[name]}
            for name, cues in script.cues.most_common()
        ],
        "revisions": [
            {"id": r.id, "name": r.name, "paragraphs": r.paragraphs, "scenes": r.scenes}
            for r in script.revisions
        ],
        "colour": script.colour,
        "dual_dialogue": script.dual_dialogue,
        "omitted": sum(scene.omitted for scene in script.scenes),
        "notes": script.notes,
    }


def bring(desk: Bring, script: Script) -> None:
    """Write a draft, unless it is here; what the schedule or a person said of a scene stays."""
    if not script.scenes:
        raise Refused("This script has no scenes. Give its scenes headings like INT. PIER - DAY.")
    last = _last(desk)
    draft = name_of("draft", _fingerprint(script))
    if last.get("id") == draft:
        return
    if desk.desk.standing("draft", draft).seq:
        raise Refused("This draft is here already, and another came after it.")
    former = _former(desk, last)
    ids = meet(script.scenes, list(former.values()), _known(desk))
    _draft(desk, draft, script, last)
    shifted = moved(ids, list(former.values()))
    for order, (scene, record) in enumerate(zip(script.scenes, ids, strict=True), 1):
        _scene(desk, record, scene, former.get(record), order)
        words = _words(desk, draft, record, scene, former.get(record))
        fields = {
            "draft": draft,
            "scene": record,
            "number": scene.number,
            "heading": scene.heading,
            "eighths": scene.eighths,
            "estimated": int(scene.estimated),
            "omitted": int(scene.omitted),
            "moved": int(record in shifted),
            "script_order": order,
            "cast_names": ", ".join(scene.cast),
            "revised": _colours(script, scene),
            "words": words,
        }
        desk.record("script_scene", name_of("script_scene", draft, record), fields)
    for one in former.values():
        if one.scene not in ids and one.words:
            desk.record("script_text", one.words, {"superseded": 1})
    _cast(desk, script, ids)
    _strips(desk, script, ids)


def _fingerprint(script: Script) -> str:
    """The same scenes with the same words are the same draft, whatever the file is called."""
    told: list[Any] = [script.colour, script.date]
    for scene in script.scenes:
        lines = [(p.sort, p.text, sorted(p.revisions)) for p in scene.paragraphs]
        told.append((scene.number, scene.heading, scene.eighths, scene.notes, lines))
    return hashlib.sha256(json.dumps(told).encode("utf-8", "surrogatepass")).hexdigest()


def _last(desk: Bring) -> dict[str, Any]:
    query = text("select * from draft where gone = 0 order by number desc nulls last, id limit 1")
    found = desk.desk.connection.execute(query).mappings().first()
    return dict(found) if found else {}


def _former(desk: Bring, last: dict[str, Any]) -> dict[str, Former]:
    rows = desk.desk.connection.execute(FORMER, {"draft": last.get("id")})
    return {
        row.scene: Former(
            row.scene,
            row.number or "",
            row.heading or "",
            row.eighths or 0,
            bool(row.omitted),
            row.words or "",
            row.text or "",
        )
        for row in rows
    }


def _known(desk: Bring) -> list[tuple[str, str]]:
    query = text("select number, id from scene where gone = 0 and number is not null order by id")
    return [(row.number, row.id) for row in desk.desk.connection.execute(query)]


def _draft(desk: Bring, draft: str, script: Script, last: dict[str, Any]) -> None:
    """Count drafts as their colours do: what comes after Salmon is Cherry."""
    papers = _papers(desk)
    after = (last.get("number") or 0) + 1 if last else 0
    number = max(after, papers.get(script.colour, 0))
    convention = next((colour for colour, n in papers.items() if n == number), "")
    colour = script.colour or convention or f"Revision {number}"
    told = {"title": script.title, "colour": colour, "date": script.date, "number": number}
    desk.record("draft", draft, {**told, "before": last.get("id")})
    about = {"script_colour": colour, "script_date": script.date}
    desk.record("production", "production", about)


def _papers(desk: Bring) -> dict[str, int]:
    """The colours of this production in their order: its own, or the convention's."""
    typed = desk.desk.standing("production", "production").fields.get("script_colours")
    own = [part.strip() for part in str(typed or "").split(",") if part.strip()]
    if own:
        return {colour: n for n, colour in enumerate([*own, *(f"Double {one}" for one in own)])}
    query = text("select colour, revision from revision_colour order by revision")
    return {row.colour: row.revision for row in desk.desk.connection.execute(query)}


def _colours(script: Script, scene: Scene) -> str:
    names = [one.name for one in script.revisions if one.id in scene.revisions]
    return ", ".join(names)


def _scene(desk: Bring, record: str, scene: Scene, former: Former | None, order: int) -> None:
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


def _words(desk: Bring, draft: str, record: str, scene: Scene, former: Former | None) -> str:
    """Keep the words once: a draft that changes none of a scene points at those it had."""
    lines = "\n".join(laid_out(scene.paragraphs)).strip("\n")
    if former and former.words and former.text == lines:
        return former.words
    words = name_of("script_text", draft, record)
    difference = changed(former.text, lines) if former else ""
    told = {"text": lines, "changed": difference, "notes": "\n".join(scene.notes), "superseded": 0}
    desk.record("script_text", words, told)
    if former and former.words:
        desk.record("script_text", former.words, {"superseded": 1})
    return words


def _cast(desk: Bring, script: Script, ids: list[str]) -> None:
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


def _strips(desk: Bring, script: Script, ids: list[str]) -> None:
    """Put scenes that are nowhere on the board into its boneyard, so that nothing is forgotten."""
    query = text("select distinct scene from strip where gone = 0 and scene is not null")
    placed = set(desk.desk.connection.execute(query).scalars())
    for order, (scene, record) in enumerate(zip(script.scenes, ids, strict=True), 1):
        if record not in placed and not scene.omitted:
            fields = {"scene": record, "place": f"boneyard {order * 100:06d}"}
            desk.record("strip", name_of("strip", record), fields)
