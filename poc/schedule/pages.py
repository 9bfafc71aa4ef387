"""The pages of the schedule, one a line."""

from poc.area import Area, page

BOARD = ("days", "strips", "boneyard", "cast", "findings", "totals")

area = Area(
    "poc.schedule",
    page(
        "/board",
        "schedule/board.html",
        *BOARD,
        label="Stripboard",
        icon="clapperboard",
        group="Plan",
        kinds=("strip",),
    ),
    page(
        "/board/<strip>",
        "schedule/strip.html",
        "strip",
        "strip_cast",
        "strip_needs",
        "strip_before",
        "strip_after",
        "ends",
        kinds=("strip",),
    ),
    page(
        "/schedule",
        "schedule/published.html",
        "schedule_publication",
        "office.published",
        label="Schedule",
        icon="calendar",
        tab=True,
        thaws="/board",
    ),
    page(
        "/locations",
        "schedule/locations.html",
        "locations",
        label="Locations",
        icon="map-pin",
        group="Plan",
    ),
    page(
        "/locations/<location>",
        "schedule/location.html",
        "location",
        "location_attachments",
    ),
)
