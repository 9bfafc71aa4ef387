#!/usr/bin/env python3
"""Run POC from nothing: make its environment when there is none, then start what was asked for."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STORY = ROOT / ".go.log"

RUNTIME, TESTS = "requirements.txt", "requirements-test.txt"
OFFLINE = ("establish", "name resolution", "nodename", "unreachable", "refused", "timed out")

HELP = """Usage: ./go [COMMAND]

  ./go                  start POC (the same as ./go run)
  ./go run              start POC; --host, --port and --data say where
  ./go demo             start POC with a made-up production to look around in
  ./go test [...]       run the tests; what follows goes to pytest
  ./go import FILE --production NAME [--check]
                        read a schedule, a script or contacts; --check only says what it would do
  ./go backup [FOLDER]  copy the whole office into one file, while it works
  ./go restore FILE     bring an office back from such a file; --over replaces what is there
  ./go check            say whether every production is as its journal says
  ./go bounce           note that mail came back: reads the message from its input
  ./go move PRODUCTION --from PLACE --to PLACE
                        copy a production; a place is a data folder or postgresql://...
  ./go sender           send the notices from a process of its own
  ./go keys rotate      hand out a new push key; older ones sign until no phone has them
  ./go bench NAME       measure one thing
  ./go help             this page
"""
COMMANDS = (
    *("run", "demo", "test", "import", "backup", "restore", "check", "bounce", "move"),
    *("sender", "keys", "bench"),
)


class Refusal(Exception):
    """A sentence for whoever typed the command: what is wrong and what to do."""


def main(*words: str) -> int:
    command, rest = order(words)
    if command == "help":
        print(HELP, end="")
        return 0
    try:
        start(command, rest)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2 if command not in COMMANDS else 1
    except OSError as error:
        print(f"POC cannot use {error.filename or ROOT}: {error.strerror}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped before POC was ready; ./go takes it up again.", file=sys.stderr)
        return 130
    return 0


def order(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    if words and words[0] in ("-h", "--help", "help"):
        return "help", ()
    if not words or words[0].startswith("-"):
        return "run", words
    return words[0], words[1:]


def start(command: str, rest: tuple[str, ...]) -> None:
    wrong = complaint(tuple(sys.version_info[:2]), sys.platform)
    if wrong:
        raise Refusal(wrong)
    if command not in COMMANDS:
        raise Refusal(f"./go knows no “{command}”: ./go help lists what it knows.")
    ready(RUNTIME)
    if command in ("test", "bench"):
        ready(TESTS)
    if command == "test":
        run_tests(rest)
    else:
        become("-m", "poc", command, *rest)


def complaint(version: tuple[int, ...], platform: str) -> str | None:
    """What is wrong with this Python, if anything."""
    if platform == "win32":
        return "POC runs on Linux and macOS: on Windows, start it inside WSL."
    if version < (3, 11):
        have = ".".join(map(str, version))
        return (
            f"POC needs Python 3.11 or newer and this is Python {have}: install a newer one, "
            "then start POC with it (for instance: python3.11 go)."
        )
    return None


def run_tests(rest: tuple[str, ...]) -> None:
    stage = subprocess.run([str(PYTHON), "-m", "tests.stage"], cwd=ROOT, check=False)
    if stage.returncode:
        sys.exit(stage.returncode)
    os.chdir(ROOT)
    become("-m", "pytest", "-n", "auto", *rest)


def become(*words: str) -> None:
    """Give the terminal, the signals and the exit code to the real program."""
    beside = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{ROOT}{os.pathsep}{beside}" if beside else str(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-P", *words])


def ready(lock: str) -> None:
    """Return when the environment holds what a lock file names, at once if it already does."""
    if stamp(lock) == expected(lock):
        return
    with alone():
        if stamp(lock) == expected(lock):
            return
        if stamp(RUNTIME).startswith(home()):
            say(f"Installing what {lock} names.")
        else:
            make()
        install(lock)


def stamp(lock: str) -> str:
    """What was written when the environment last became ready for this lock file."""
    with contextlib.suppress(OSError):
        return (VENV / f"{lock}.stamp").read_text()
    return ""


def expected(lock: str) -> str:
    return f"{home()}\n{hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()}\n"


def home() -> str:
    """An environment serves one Python and one place; elsewhere it must be made again."""
    return f"Python {sys.version_info[0]}.{sys.version_info[1]} in {ROOT}"


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let one ./go at a time touch the environment; the system frees the lock if it dies."""
    import fcntl

    place = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another ./go is preparing POC: waiting for it.")
            fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)


def make() -> None:
    """Make the environment, and first clear away one that was left half made."""
    if not os.access(ROOT, os.W_OK):
        raise Refusal(f"POC cannot write in {ROOT}: copy it to a folder of your own and try there.")
    say("Preparing POC for its first run: this takes some seconds and needs the internet.")
    if VENV.exists():
        shutil.rmtree(VENV)
    STORY.unlink(missing_ok=True)
    # Started from inside the old environment, our own interpreter has just been cleared away.
    python = getattr(sys, "_base_executable", sys.executable)
    if not told([python, "-m", "venv", str(VENV)]):
        shutil.rmtree(VENV, ignore_errors=True)
        raise Refusal(no_venv(STORY.read_text(errors="replace")))


def no_venv(story: str) -> str:
    if "ensurepip" in story:
        return (
            "This Python cannot make environments: install its venv module (on Debian and "
            "Ubuntu: apt-get install python3-venv), then run ./go again."
        )
    return f"The environment could not be made: {STORY} has the whole story."


def install(lock: str) -> None:
    """Install exactly the locked files: by uv when it can be had, else by pip, which is slower."""
    (VENV / f"{lock}.stamp").unlink(missing_ok=True)
    if not (by_uv(lock) or by_pip(lock)):
        raise Refusal(no_packages(STORY.read_text(errors="replace")))
    (VENV / f"{lock}.stamp").write_text(expected(lock))


def by_uv(lock: str) -> bool:
    program = [str(PYTHON), "-m", "uv", "pip", "install", "--python", str(PYTHON)]
    return by_pip("uv.txt") and told([*program, "--require-hashes", "-r", lock])


def by_pip(lock: str) -> bool:
    program = [str(PYTHON), "-m", "pip", "install", "--retries", "1", "--no-input"]
    return told([*program, "--require-hashes", "-r", lock])


def told(program: list[str]) -> bool:
    """Run a program silently and say whether it went well; what it printed is kept."""
    quiet = {**os.environ, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with STORY.open("ab") as story:
        ended = subprocess.run(
            program, cwd=ROOT, env=quiet, stdout=story, stderr=story, check=False
        )
    return ended.returncode == 0


def no_packages(story: str) -> str:
    """Why the packages did not come, from what pip printed last."""
    if "No space left" in story:
        return "The disk is full: POC needs about 300 MB, free them and run ./go again."
    if "DO NOT MATCH THE HASHES" in story:
        return f"A package is not the one POC was tested with, so nothing was run: see {STORY}."
    if any(word in story for word in OFFLINE):
        return (
            "POC needs the internet for its first run: connect this machine, then run ./go again."
        )
    return f"The packages POC needs could not be installed: {STORY} has the whole story."


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
