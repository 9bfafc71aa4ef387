"""The commands behind ./go: run an office, show the demo, bring in a file, measure."""

import argparse
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from flask import Flask

from poc import LARGEST_REQUEST, create_app, keeping, moving
from poc.house import House
from poc.live import STREAMS
from poc.mail.means import SETTINGS, BadSetting
from poc.places import Unusable
from poc.reading import Refused
from poc.registry import db, new_way

THREADS = STREAMS + 64


class Stop(Exception):
    """The command cannot go on; the message is the one sentence to print."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; print one sentence and return 1 when it cannot be done."""
    os.umask(0o077)  # what an office keeps is nobody else's to read
    options = _parser().parse_args(arguments)
    try:
        done: int = options.work(options)
    except (Stop, Refused, Unusable, BadSetting) as stop:
        print(stop, file=sys.stderr)
        return 1
    return done


def run(options: argparse.Namespace) -> int:
    """Serve the office until it is stopped."""
    _free(options.host, options.port)
    app = _app(options.data)
    with app.app_context():
        link = _owner_link(app, options)
    print(_welcome(app, options, link), flush=True)
    return _serve(app, options)


def demo(options: argparse.Namespace) -> int:
    """Serve an office with the production Night Ferry already inside."""
    from poc.demo import SLUG, build, tell

    options.data = options.data / "demo"
    app = _app(options.data)
    with app.app_context():
        productions = _house(app).productions
        if productions.get(SLUG) is None:
            tell(build(productions, datetime.now(UTC).date()))
    return run(options)


def sender(options: argparse.Namespace) -> int:
    """Send the notices from a process of its own; the office then leaves them to it."""
    from threading import Event

    from poc.bell.sender import Sender

    app, stopped = _app(options.data), Event()
    one = Sender(app, apart=True)
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stopped.set())
    one.start()
    print("Notices are sent from here, until this is stopped.", flush=True)
    stopped.wait()
    one.stop()
    return 0


def keys(options: argparse.Namespace) -> int:
    """Hand out a new push key; those from before go on until no phone has them."""
    from poc.bell.bell import the_bell
    from poc.bell.phones import keys_in_use

    with _app(options.data).app_context():
        ring = the_bell().keys
        fresh = ring.rotate()
        ring.drop(keys_in_use())
        older = len(ring.all()) - 1
    print(f"The new push key is {fresh.id}. Phones take it when they are opened the next time;")
    print(f"until then {older} older {'key signs' if older == 1 else 'keys sign'} for them.")
    return 0


def bring(options: argparse.Namespace) -> int:
    """Say what a file holds, or bring it into a production."""
    from poc import files

    try:
        raw = options.file.read_bytes()
    except OSError as error:
        raise Stop(f"{options.file} cannot be read: {error.strerror}.") from None
    if options.check:
        print(json.dumps(files.check(raw, options.file.name), ensure_ascii=False))
        return 0
    if not options.production:
        raise Stop("Say which production the file is for: --production NAME.")
    if options.zone not in available_timezones():
        raise Stop(f"{options.zone} is no time zone. They are written like Europe/Lisbon: --zone.")
    app = _app(options.data)
    with app.app_context():
        counts = _bring(app, options, raw)
    print(f"{options.file.name}: {counts['new']} new, {counts['changed']} changed.")
    return 0


def bounce(options: argparse.Namespace) -> int:
    """Note that mail came back: reads one message, as a mail server pipes it."""
    from poc.mail import bounces

    app = _app(options.data)
    with app.app_context():
        why = bounces.note(_house(app).productions, sys.stdin.buffer.read(LARGEST_REQUEST))
    # No error when it is nothing of ours: a mail server would send a bounce of the bounce.
    print(f"It is noted: {why}." if why else "This message says of no mail of ours that it failed.")
    return 0


def bench(options: argparse.Namespace) -> int:
    """Measure, and print one JSON object a figure."""
    from importlib import import_module

    try:
        found = import_module(f"bench.{options.name}")
    except ModuleNotFoundError:
        raise Stop(
            f"There is no bench named {options.name}. There are: kill, pages, planning, push, sync."
        ) from None
    for figure in found.figures():
        print(json.dumps(figure), flush=True)
    return 0


def _bring(app: Flask, options: argparse.Namespace, raw: bytes) -> dict[str, int]:
    from poc.owner import begun, bring_file, first_records, slug_of

    productions = _house(app).productions
    name: str = options.production
    production = productions.get(name) or productions.get(slug_of(name))
    if production is None:
        production = begun(name)
        first_records(production, name, options.zone, "Production Coordinator")
    return bring_file(production, "office", raw, options.file.name, options.start or "")


def _owner_link(app: Flask, options: argparse.Namespace) -> str:
    """Make the one-time link for whoever starts the office; a demo's opens as its coordinator."""
    house = _house(app)
    production, person = None, None
    if options.work is demo:
        from poc.demo import COORDINATOR, SLUG, people_of

        ferry = house.productions.get(SLUG)
        if ferry is not None:
            production, person = SLUG, people_of(ferry)[COORDINATOR]
    token, _ = new_way("owner", production, person, house.salt, house.clock())
    return f"{_address(options)}join#{token}"


def _welcome(app: Flask, options: argparse.Namespace, link: str) -> str:
    import io

    import segno

    picture = io.StringIO()
    segno.make(link, error="l", micro=False).terminal(out=picture, compact=True)
    return (
        f"POC is open at {_address(options)}\n\n"
        f"Come in with this link. It works once; the next start prints a new one.\n{link}\n"
        f"{picture.getvalue()}"
    )


def _address(options: argparse.Namespace) -> str:
    host = "127.0.0.1" if options.host in ("0.0.0.0", "::") else options.host
    return f"http://{host}:{options.port}/"


def _serve(app: Flask, options: argparse.Namespace) -> int:
    from gunicorn.app.base import BaseApplication

    class Office(BaseApplication):  # type: ignore[misc]
        """One process, many threads: what one phone learns, the others can be told at once."""

        def load_config(self) -> None:
            settings: dict[str, Any] = {
                "bind": f"{options.host}:{options.port}",
                "worker_class": "gthread",
                "workers": 1,
                "threads": THREADS,
                "keepalive": 30,
                "timeout": 60,
                "graceful_timeout": 5,
                "control_socket_disable": True,
                "loglevel": "warning",
                "post_worker_init": lambda worker: _awake(app),
            }
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return app

    with app.app_context():
        db.engine.dispose()  # a connection must not be carried over a fork
        _house(app).productions.close()
    Office().run()
    return 0


def _awake(app: Flask) -> None:
    """Start what works beside the requests, and have it stop with them."""
    import atexit

    from poc.bell.sender import Sender
    from poc.mail.postman import Postman

    gc.freeze()  # what was made at the start stays; to look through it again and again costs
    house, url = _house(app), app.config["DATABASE_URL"]
    keeper = keeping.Keeper(house.folder, house.clock, app.logger, url)
    for work in (Sender(app), Postman(app), keeper):
        work.start()
        atexit.register(work.stop)
    for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(sign, _hanging_up(app, signal.getsignal(sign)))


def _hanging_up(app: Flask, then: Any) -> Callable[[int, Any], None]:
    """End the live streams before a signal stops the worker: it waits for whoever it answers."""

    def stop(number: int, frame: Any) -> None:
        app.extensions["live"].close()
        then(number, frame)

    return stop


def _app(data: Path) -> Flask:
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = data / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        reason = (error.strerror or "it cannot be written").lower()
        raise Stop(
            f"The data folder {data} cannot be used: {reason}. Choose another: --data FOLDER."
        ) from None
    names = ("VAPID_CONTACT", "DATABASE_URL", *SETTINGS)
    return create_app(data, **{name: os.environ.get(name, "") for name in names})


def _free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OverflowError:
            raise Stop(f"{port} is no port. Choose one from 1024 to 65535: --port N.") from None
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            raise Stop(
                f"Port {port} on {host} cannot be used: {reason}. Choose another: --port N."
            ) from None


def _house(app: Flask) -> House:
    found: House = app.extensions["poc"]
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./go", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, work in (("run", run), ("demo", demo)):
        command = commands.add_parser(name, help=work.__doc__)
        command.add_argument("--host", default="127.0.0.1")
        command.add_argument("--port", type=int, default=8000)
        _folder(command, work)
    _folder(commands.add_parser("sender", help=sender.__doc__), sender)
    command = commands.add_parser("keys", help=keys.__doc__)
    command.add_argument("what", choices=("rotate",))
    _folder(command, keys)
    command = commands.add_parser("import", help=bring.__doc__)
    command.add_argument("file", type=Path)
    command.add_argument("--production", help="its name; it is made when there is none")
    command.add_argument("--check", action="store_true", help="only say what the file holds")
    command.add_argument("--start", help="first shooting day, like 2026-04-13")
    command.add_argument("--zone", default="UTC", help="IANA time zone of a new production")
    _folder(command, bring)
    command = commands.add_parser("bench", help=bench.__doc__)
    command.add_argument("name")
    command.set_defaults(work=bench)
    _folder(commands.add_parser("bounce", help=bounce.__doc__), bounce)
    keeping.add_to(commands)
    moving.add_to(commands)
    return parser


def _folder(command: argparse.ArgumentParser, work: Any) -> None:
    command.add_argument("--data", type=Path, default=Path("data"), help="where everything is kept")
    command.set_defaults(work=work)


if __name__ == "__main__":
    sys.exit(main())
