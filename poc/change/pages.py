"""The page of the change, for whoever plans; what is chosen on it stands in its address."""

from poc.area import Area, Supposing, page

RECORDS = "[0-9A-Za-z_ -]+"
GIVEN = {
    "what": "general|person|department|place|scenes|cancel|restore",
    "who": r"[^\x00]+",
    "minutes": "-?[0-9]{1,4}",
    "time": "(?:[0-2][0-9]|3[0-5]):[0-5][0-9]",
    "typed": "too",
    "strips": RECORDS,
    "onto": RECORDS,
    "fetch": RECORDS,
}

area = Area(
    "poc.change",
    page(
        "/days/<day>/change",
        "change/change.html",
        "schedule.day",
        "schedule.day_strips",
        "schedule.ends",
        "schedule.locations",
        "office.day_publication",
        "office.next_revision",
        "choice",
        "edits",
        "apart",
        "drafted",
        "people_due",
        "departments_due",
        "strips_elsewhere",
        "waiting_out",
        kinds=("call", "strip"),
        given=GIVEN,
        supposing=Supposing(
            "edits",
            ("call", "shoot_day", "strip"),
            (
                "office.affected",
                "office.unaffected",
                "schedule.day_findings",
                "short_rests",
                "rest_after",
            ),
        ),
    ),
)
