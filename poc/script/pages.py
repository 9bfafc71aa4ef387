"""The pages of the script, one a line."""

from poc.area import Area, page

area = Area(
    "poc.script",
    page(
        "/script",
        "script/script.html",
        "drafts",
        "scenes",
        label="Script",
        icon="file-text",
        group="Plan",
        kinds=("draft",),
    ),
    page("/script/copies", "script/copies.html", "in_force", "holders"),
    page(
        "/script/<draft>",
        "script/draft.html",
        "draft",
        "draft_scenes",
        "dropped",
        "handouts",
        "everybody",
    ),
    page(
        "/script/scenes/<script_scene>", "script/scene.html", "scene", "scene_before", "scene_after"
    ),
    page(
        "/sides",
        "script/days.html",
        "days",
        label="Sides",
        icon="printer",
        group="Plan",
        kinds=("script_text",),
    ),
    page("/days/<day>/sides", "script/sides.html", "schedule.day", "in_force", "sides"),
)
