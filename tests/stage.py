"""What the tests stand on and pip cannot bring: browsers, a screen for them, PostgreSQL."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PROGRAMS = {
    "Chromium": ("chromium", "chromium-browser", "google-chrome"),
    "Firefox": ("firefox-esr", "firefox"),
    "WebKit": ("WebKitWebDriver",),
    "Xvfb": ("Xvfb",),
    "PostgreSQL": ("initdb",),
}
DEBIAN = {
    "Chromium": ("chromium", "fonts-noto-core"),
    "Firefox": ("firefox-esr",),
    "WebKit": ("webkit2gtk-driver",),
    "Xvfb": ("xvfb",),
    "PostgreSQL": ("postgresql",),
}
SORTED_AS_SQLITE = ("-E", "UTF8", "--locale=C")
HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


class Missing(Exception):
    """Something to install before the tests can run."""


def main() -> int:
    """Install what is missing if we may; else say how, and fail."""
    packages = [package for name in missing() for package in DEBIAN[name]]
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing for the tests:", *packages, file=sys.stderr, flush=True)
        install(packages)
    still = missing()
    if still:
        print(
            f"The tests need {', '.join(still)}: install them, then run ./go test again. "
            "On Debian and Ubuntu: sudo apt-get update && sudo apt-get install -y "
            "--no-install-recommends " + " ".join(p for name in still for p in DEBIAN[name]),
            file=sys.stderr,
        )
    return 1 if still else 0


def install(packages: list[str]) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run(
            ["apt-get", "-qq", *words], env=quiet, stdout=subprocess.DEVNULL, check=False
        )


def missing() -> list[str]:
    return [name for name in PROGRAMS if look(name) is None]


def look(name: str) -> str | None:
    """Where a program is: where the variable of its name says (CHROMIUM=...), or on the path."""
    versions = glob.glob("/usr/lib/postgresql/*/bin")
    newest = sorted(versions, key=lambda folder: float(folder.split("/")[4]), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *newest])
    seen = (shutil.which(program, path=path) for program in PROGRAMS[name])
    return os.environ.get(name.upper()) or next(filter(None, seen), None)


def chromium() -> str:
    return found("Chromium")


def firefox() -> str:
    return found("Firefox")


def webkit() -> str:
    """The WebDriver of WebKitGTK, which starts its own browser on the screen in DISPLAY."""
    return found("WebKit")


def node() -> str:
    """The Node that Playwright carries, so that every machine runs the same one."""
    import playwright

    return str(Path(playwright.__file__).parent / "driver" / "node")


def found(name: str) -> str:
    path = look(name)
    if path is None:
        raise Missing(f"The tests need {name}: run ./go test, which installs it or says how.")
    return path


@contextmanager
def screen() -> Iterator[str]:
    """A throw-away X screen, as the DISPLAY that a browser without a headless mode needs."""
    told, tell = os.pipe()
    words = [found("Xvfb"), "-displayfd", str(tell), "-screen", "0", "1280x1024x24"]
    server = subprocess.Popen(
        [*words, "-nolisten", "tcp"], pass_fds=[tell], stderr=subprocess.DEVNULL
    )
    os.close(tell)
    try:
        with os.fdopen(told) as number:
            yield f":{number.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


@contextmanager
def postgres() -> Iterator[str]:
    """A throw-away PostgreSQL on a socket in a folder of its own, as an SQLAlchemy address."""
    programs = Path(found("PostgreSQL")).resolve().parent
    folder = tempfile.mkdtemp(prefix="poc-pg-")
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    cluster = f"{folder}/cluster"
    told(programs / "initdb", "-D", cluster, "-U", "poc", "-A", "trust", "-N", *SORTED_AS_SQLITE)
    options = f"-k {folder} -c listen_addresses= " + " ".join(f"-c {word}" for word in HASTY)
    control: list[Path | str] = [programs / "pg_ctl", "-D", cluster, "-s", "-w"]
    try:
        told(*control, "-l", f"{folder}/log", "-o", options, "start")
        yield f"postgresql+psycopg://poc@/postgres?host={folder}"
    finally:
        with suppress(Missing):
            told(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def told(*words: Path | str) -> None:
    """Run one of PostgreSQL's programs, as its own user where root would be refused."""
    user = "postgres" if os.geteuid() == 0 else None
    groups: list[str] | None = [] if user else None
    ended = subprocess.run(
        words,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        user=user,
        group=user,
        extra_groups=groups,
    )
    if ended.returncode:
        raise Missing(f"PostgreSQL did not do as it was told: {ended.stderr.strip()}")


if __name__ == "__main__":
    sys.exit(main())
