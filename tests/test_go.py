"""./go starts POC from nothing, and says in one sentence why when it cannot."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

GO = Path(__file__).resolve().parent.parent / "go"
NOWHERE = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_CONFIG_FILE": os.devnull}


@pytest.fixture(scope="module")
def go() -> ModuleType:
    loader = SourceFileLoader("go", str(GO))
    spec = spec_from_loader("go", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout whose locks name no package, so that its environment is made offline."""
    (tmp_path / "go").write_text(GO.read_text())
    for lock in ("requirements.txt", "uv.txt"):
        (tmp_path / lock).write_text("# nothing\n")
    (tmp_path / "poc").mkdir()
    (tmp_path / "poc" / "__init__.py").touch()
    (tmp_path / "poc" / "__main__.py").write_text("import sys\nprint('POC', *sys.argv[1:])\n")
    return tmp_path


def start(checkout: Path, *words: str, **world: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, checkout / "go", *words],
        env={**os.environ, **world},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(checkout: Path, *words: str, **world: str) -> tuple[int, str, str]:
    with start(checkout, *words, **world) as running:
        out, err = running.communicate()
    return running.returncode, out.strip(), err.strip()


def test_an_old_python_reads_the_script_far_enough_to_be_refused() -> None:
    ast.parse(GO.read_text(), feature_version=(3, 8))


def test_an_old_python_is_named_and_a_newer_one_asked_for(go: ModuleType) -> None:
    sentence = go.complaint((3, 9), "linux")
    assert "Python 3.11 or newer" in sentence
    assert "this is Python 3.9" in sentence
    assert go.complaint((3, 11), "linux") is None


def test_windows_is_sent_to_wsl(go: ModuleType) -> None:
    assert "WSL" in go.complaint((3, 13), "win32")


def test_no_command_means_run(go: ModuleType) -> None:
    assert go.order(()) == ("run", ())
    assert go.order(("--port", "8080")) == ("run", ("--port", "8080"))
    assert go.order(("demo", "--port", "8080")) == ("demo", ("--port", "8080"))


def test_help_names_every_command(go: ModuleType, checkout: Path) -> None:
    code, out, _ = said(checkout, "help")
    assert code == 0
    assert all(f"./go {command}" in out for command in go.COMMANDS)


def test_an_unknown_command_is_refused_before_anything_is_made(checkout: Path) -> None:
    code, out, err = said(checkout, "shoot")
    assert (code, out) == (2, "")
    assert err == "./go knows no “shoot”: ./go help lists what it knows."
    assert not (checkout / ".venv").exists()


def test_a_half_made_environment_is_made_anew_and_then_left_alone(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").write_text("half a Python")
    code, out, err = said(checkout, "demo", "--port", "1", **NOWHERE)
    assert (code, out) == (0, "POC demo --port 1")
    assert err.startswith("Preparing POC for its first run")
    assert said(checkout, **NOWHERE) == (0, "POC run", "")


def test_of_two_at_once_one_prepares_and_both_start(checkout: Path) -> None:
    with start(checkout, **NOWHERE) as one, start(checkout, **NOWHERE) as two:
        heard = [one.communicate(), two.communicate()]
    assert [out for out, _ in heard] == ["POC run\n", "POC run\n"]
    assert sum("Preparing POC" in err for _, err in heard) == 1


def test_without_the_internet_the_first_run_says_so_and_nothing_counts_as_made(
    checkout: Path,
) -> None:
    (checkout / "requirements.txt").write_text(f"flask==3.1.3 --hash=sha256:{'0' * 64}\n")
    code, out, err = said(checkout, **NOWHERE)
    assert (code, out) == (1, "")
    assert err.endswith("connect this machine, then run ./go again.")
    assert not list((checkout / ".venv").glob("*.stamp"))


def test_a_python_without_its_venv_module_is_told_which_package_it_lacks(go: ModuleType) -> None:
    debian = "The virtual environment was not created successfully because ensurepip is not"
    assert "apt-get install python3-venv" in go.no_venv(debian)


def test_a_changed_package_and_a_full_disk_are_told_apart(go: ModuleType) -> None:
    changed = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."
    assert "not the one POC was tested with" in go.no_packages(changed)
    assert "disk is full" in go.no_packages("OSError: [Errno 28] No space left on device")


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-test.txt", "uv.txt"])
def test_every_locked_package_has_its_hash_and_no_address(lock: str) -> None:
    lines = (GO.parent / lock).read_text().splitlines()
    packages = [number for number, line in enumerate(lines) if "==" in line and line[0].isalnum()]
    assert packages
    assert all(lines[number + 1].strip().startswith("--hash=sha256:") for number in packages)
    assert not [line for line in lines if "://" in line]


def test_the_tests_run_on_what_production_runs_on() -> None:
    production, tests = (pins(GO.parent / f"requirements{kind}.txt") for kind in ("", "-test"))
    assert production <= tests


def pins(lock: Path) -> set[str]:
    return {line.split()[0] for line in lock.read_text().splitlines() if "==" in line[:60]}
