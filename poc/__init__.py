"""POC, the production office of a film: this is where its parts are put together."""

from pathlib import Path
from typing import Any

from flask import Flask
from htmx_flask import Htmx
from werkzeug.exceptions import HTTPException

from poc import registry
from poc.bell.routes import bell
from poc.blobs import blobs
from poc.book import Book
from poc.calendar import arrivals as calendar
from poc.calendar.pages import area as calendar_area
from poc.calendar.routes import calendars
from poc.change.pages import area as change_area
from poc.crew import arrivals as crew
from poc.crew.pages import area as crew_area
from poc.door import door, dress, guard, sorry
from poc.exchange import exchange
from poc.history import history
from poc.house import House, kept_secret, utc_now
from poc.live import live
from poc.mail import arrivals as mail
from poc.mail.pages import area as mail_area
from poc.mail.routes import mail as mail_links
from poc.office import arrivals as office
from poc.office.pages import area as office_area
from poc.owner import owner
from poc.packing import pack
from poc.productions import Productions
from poc.schedule import arrivals as schedule
from poc.schedule.pages import area as schedule_area
from poc.script.pages import area as script_area
from poc.worker import worker

AREAS = (
    *(office_area, change_area, schedule_area, script_area),
    *(crew_area, mail_area, calendar_area),
)
# The exchange comes last: its address of a form takes whatever no other has taken.
BLUEPRINTS = (door, worker, owner, bell, mail_links, calendars, live, history, blobs, exchange)
LARGEST_REQUEST = 33 * 1024 * 1024


def create_app(folder: str | Path = "data", **settings: Any) -> Flask:
    """Put an office together over one data folder.

    With a `DATABASE_URL` its records are in that PostgreSQL, and only its secrets in the folder.
    `CLOCK` may be set to another clock.
    """
    app = Flask(__name__, static_folder=None)
    data = Path(folder).resolve()
    data.mkdir(parents=True, exist_ok=True)
    app.config.update(
        DATABASE_URL="",
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        CLOCK=utc_now,
    )
    app.config.update(settings)
    app.config.update(registry.prepare(data, app.config["DATABASE_URL"]))
    app.extensions["poc"] = house(data, app)
    registry.db.init_app(app)
    Htmx(app)
    with app.app_context():
        registry.ready()
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, sorry)
    app.before_request(guard)
    app.after_request(pack)
    app.after_request(dress)
    return app


def house(data: Path, app: Flask) -> House:
    """Open the house: its book, its productions and its own secrets."""
    book = Book(AREAS)
    reactions = {
        **schedule.arrivals(),
        **crew.arrivals(),
        **mail.arrivals(),
        **calendar.arrivals(),
        **office.arrivals(book),
    }
    clock = app.config["CLOCK"]
    productions = Productions(data, book, reactions, clock, app.config["DATABASE_URL"])
    return House(data, book, productions, clock, kept_secret(data, "secret.key"))
