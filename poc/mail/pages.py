"""The pages of the mail, one a line."""

from poc.area import Area, page

area = Area(
    "poc.mail",
    page(
        "/days/<day>/ring",
        "mail/ring.html",
        "schedule.day",
        "ringing",
        "letters",
        kinds=("call", "strip"),
    ),
)
