"""Bringing a draft in: its scenes and who speaks in them, and what it changed."""

import hashlib
import json
from collections import Counter
from typing import Any

from sqlalchemy import text

from poc.bring import Bring, name_of
from poc.reading import Refused
from poc.script.drafts import Former, changed, meet, moved
from poc.script.lengths import laid_out
from poc.script.reading import Scene, Script
from poc.script.scenes import bring_cast, bring_scene, bring_strips

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
        bring_scene(desk, record, scene, former.get(record), order)
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
    bring_cast(desk, script, ids)
    bring_strips(desk, script, ids)


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
