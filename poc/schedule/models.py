"""Records of the schedule: the production, its places, scenes, strips and shooting days."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from poc.records import Record, by_office, check, clock, day, table

HOSTS = ("location", "shoot_day")  # kinds that photos and PDFs may hang on
TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf")
LARGEST = 20 * 1024 * 1024


class Production(Record):
    """The film itself. There is one, and its id is `production`."""

    __tablename__ = "production"
    __table_args__ = table(
        check("rest_minutes >= 0", "The rest is in minutes, 0 or more"),
        check("undo_seconds in (0, 30, 60, 120)", "To take back: 0, 30, 60 or 120 seconds"),
        clock("quiet_from"),
        clock("quiet_until"),
        check("discreet in (0, 1)", "Notices say everything, or nothing: choose"),
        check("mail_after between 1 and 1440", "Mail goes after 1 to 1440 minutes"),
    )

    title: Mapped[str | None]
    company: Mapped[str | None]
    office_address: Mapped[str | None]
    office_phone: Mapped[str | None]
    office_email: Mapped[str | None]
    night_phone: Mapped[str | None]  # answered at any hour
    zone: Mapped[str | None]  # IANA name, e.g. Europe/Lisbon
    region: Mapped[str | None]  # for phone numbers without a country, e.g. PT
    rest_minutes: Mapped[int | None]
    mail_after: Mapped[int | None]  # minutes until an unopened notice goes out as mail; 15
    script_colour: Mapped[str | None]
    script_date: Mapped[str | None]
    script_colours: Mapped[str | None]  # in their order, with commas; empty is the convention
    notes: Mapped[str | None]
    undo_seconds: Mapped[int | None]  # how long a publication can be taken back; empty: 30
    quiet_from: Mapped[str | None]  # when only what is urgent rings; empty: 21:00
    quiet_until: Mapped[str | None]  # the same as quiet_from: never quiet; empty: 06:00
    discreet: Mapped[int | None]  # 1: a lock screen says only that something changed


class Unit(Record):
    """A shooting unit: Main Unit, 2nd Unit, Splinter."""

    __tablename__ = "unit"

    name: Mapped[str | None]


class Location(Record):
    """A place to shoot or to park, and the nearest hospital with a 24 h emergency room."""

    __tablename__ = "location"

    name: Mapped[str | None]
    address: Mapped[str | None]
    coordinates: Mapped[str | None]  # degrees north, east: "38.7030, -9.1750"
    base_camp: Mapped[str | None]
    parking: Mapped[str | None]
    hospital: Mapped[str | None]
    hospital_address: Mapped[str | None]
    hospital_phone: Mapped[str | None]
    notes: Mapped[str | None]


class Scene(Record):
    """A scene of the script. Its number is text: 43A, 51pt, 101-23."""

    __tablename__ = "scene"
    __table_args__ = table(
        check("eighths >= 0", "A scene has 0 or more eighths of a page"),
        check("minutes >= 0", "The time for a scene is 0 or more minutes"),
    )

    number: Mapped[str | None]
    int_ext: Mapped[str | None]
    set_name: Mapped[str | None]
    day_night: Mapped[str | None]
    script_day: Mapped[str | None]
    synopsis: Mapped[str | None]
    eighths: Mapped[int | None]
    minutes: Mapped[int | None]
    script_page: Mapped[str | None]
    script_order: Mapped[int | None]
    location: Mapped[str | None]
    notes: Mapped[str | None]


class Element(Record):
    """Something a scene needs: a cast member, background, a vehicle, a prop."""

    __tablename__ = "element"
    __table_args__ = table(Index("element_person", "person"))

    category: Mapped[str | None]  # "Cast Members", "Background", "Vehicles" ...
    ucid: Mapped[int | None]  # Universal Category Identification number
    number: Mapped[str | None]  # the cast number on the board
    name: Mapped[str | None]
    person: Mapped[str | None]  # who plays it


class Appearance(Record):
    """An element in a scene."""

    __tablename__ = "appearance"
    __table_args__ = table(
        Index("appearance_scene", "scene"), Index("appearance_element", "element")
    )

    scene: Mapped[str | None]
    element: Mapped[str | None]


class ShootDay(Record):
    """A shooting day as it is planned: the draft from which call sheets are published."""

    __tablename__ = "shoot_day"
    __table_args__ = table(
        day("date"),
        *(
            clock(field)
            for field in ("general_call", "shooting_call", "breakfast", "lunch", "wrap")
        ),
        check("lunch_minutes between 0 and 180", "Lunch takes between 0 and 180 minutes"),
        check("cancelled in (0, 1)", "Cancelled or not: choose one of the two"),
    )

    date: Mapped[str | None]
    number: Mapped[int | None]
    unit: Mapped[str | None]
    location: Mapped[str | None]
    general_call: Mapped[str | None]
    shooting_call: Mapped[str | None]
    breakfast: Mapped[str | None]
    lunch: Mapped[str | None]
    lunch_minutes: Mapped[int | None]
    wrap: Mapped[str | None]  # estimated
    weather: Mapped[str | None]
    safety: Mapped[str | None]
    notes: Mapped[str | None]
    cancelled: Mapped[int | None]  # 1: nobody works, and whoever was called is told so
    clocks: Mapped[int | None] = by_office()  # minutes they go forward in the night before
    sunrise: Mapped[str | None] = by_office()
    sunset: Mapped[str | None] = by_office()


class Strip(Record):
    """A scene or a banner on the board.

    `place` is one compound field, so that two people who move the same strip apart never tear it in
    two: the id of its shooting day (`boneyard` when it has none), a space, and its rank in the day.
    """

    __tablename__ = "strip"
    __table_args__ = table(
        check("minutes >= 0", "The time for a strip is 0 or more minutes"),
        Index("strip_scene", "scene"),
    )

    scene: Mapped[str | None]
    banner: Mapped[str | None]
    sort: Mapped[str | None]  # of a banner: "banner", "move", "lunch"
    minutes: Mapped[int | None]
    place: Mapped[str | None]


class Attachment(Record):
    """A photo or a PDF that hangs on another record. Its bytes travel apart, by their digest."""

    __tablename__ = "attachment"
    __table_args__ = table(
        Index("attachment_about", "about"),
        Index("attachment_sha256", "sha256"),
        check(f"subject in {HOSTS!r}", "A photo or a PDF hangs on a place or on a shooting day"),
        check(f"type in {TYPES!r}", "Photos are JPEG, PNG, WebP or GIF; all else is a PDF file"),
        check(f"size between 1 and {LARGEST}", "Photos and PDFs have up to 20 MB each"),
        check("length(name) <= 200", "The name of a photo or a PDF has up to 200 letters"),
        check("length(sha256) = 64", "A file is named by the sha-256 of what is in it"),
    )

    subject: Mapped[str | None]  # the kind of the record it hangs on
    about: Mapped[str | None]  # the record
    name: Mapped[str | None]
    type: Mapped[str | None]
    size: Mapped[int | None]  # bytes
    sha256: Mapped[str | None]
    made_by: Mapped[str | None] = by_office()
    made_at: Mapped[str | None] = by_office()
    arrived_at: Mapped[str | None] = by_office()  # nothing: on its way
