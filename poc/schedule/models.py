"""Records of the schedule: the production, its places, scenes, strips and shooting days."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from poc.records import Record, by_office, check, clock, day, table


class Production(Record):
    """The film itself. There is one, and its id is `production`."""

    __tablename__ = "production"
    __table_args__ = table(check("rest_minutes >= 0", "The rest is in minutes, 0 or more"))

    title: Mapped[str | None]
    company: Mapped[str | None]
    office_address: Mapped[str | None]
    office_phone: Mapped[str | None]
    office_email: Mapped[str | None]
    night_phone: Mapped[str | None]  # answered at any hour
    zone: Mapped[str | None]  # IANA name, e.g. Europe/Lisbon
    region: Mapped[str | None]  # for phone numbers without a country, e.g. PT
    rest_minutes: Mapped[int | None]
    script_colour: Mapped[str | None]
    script_date: Mapped[str | None]
    script_colours: Mapped[str | None]  # in their order, with commas; empty is the convention
    notes: Mapped[str | None]


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
