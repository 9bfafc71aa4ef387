"""The house keeps its own rules: who may import whom, what things are called, what is checked."""

import ast
import pkgutil
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pytest

import poc
from poc.registry import Row

ROOT = Path(__file__).parent.parent
CODE = sorted([*ROOT.glob("poc/**/*.py"), *ROOT.glob("sync/**/*.py"), ROOT / "app.py"])
AREAS = sorted(file.parent.name for file in ROOT.glob("poc/*/pages.py"))
FOREIGN_TO_SYNC = ("app", "poc", "flask", "flask_sqlalchemy", "jinja2", "htmx_flask")
EMPTY = r"manager|handler|helpers?|utils?|services?|data|info|items?|process|misc|common"
LEFTOVERS = re.compile(
    r"\b(?:TODO|FIXME|XXX)\b|(?<![\w.])/(?:work|home|root)/|pythonhosted|pypi\.org|npmjs|index-url"
    r"|pytest\.mark\.(?:skip|xfail)|pytest\.skip"
)


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"), str(file))


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(file: Path) -> Iterator[str]:
    """Name every module a file imports, wherever in the file it does so."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports from where it stands, not by a whole name"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def names(file: Path) -> Iterator[str]:
    yield file.stem
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}


def tracked() -> list[Path]:
    """List the texts that belong to the project; what came from elsewhere keeps its own words."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    foreign = re.compile(r"(?:^|/)(?:vendor|data)/|^LICENSE$|\.(?:png|lock|wasm)$")
    ours = (ROOT / name for name in listed if not foreign.search(name))
    return [file for file in ours if file.is_file() and file != Path(__file__)]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_engine_knows_nothing_of_film_or_of_the_web() -> None:
    for file in ROOT.glob("sync/**/*.py"):
        foreign = [name for name in imports(file) if name.split(".")[0] in FOREIGN_TO_SYNC]
        assert not foreign, f"{file} imports {foreign}"


def test_nothing_in_the_office_imports_the_application() -> None:
    for file in ROOT.glob("poc/**/*.py"):
        foreign = [name for name in imports(file) if name.split(".")[0] in ("app", "tests")]
        assert not foreign, f"{file} imports {foreign}"


@pytest.mark.parametrize("area", AREAS)
def test_an_area_imports_no_other_area(area: str) -> None:
    others = tuple(f"poc.{other}." for other in AREAS if other != area)
    for file in ROOT.glob(f"poc/{area}/**/*.py"):
        foreign = [name for name in imports(file) if f"{name}.".startswith(others)]
        assert not foreign, f"{file} imports {foreign}"


def test_names_are_words_that_say_something() -> None:
    empty = [
        f"{name_of(file)}: {name}"
        for file in CODE
        for name in names(file)
        if any(re.fullmatch(EMPTY, word) for word in words(name))
    ]
    assert not empty


def test_every_file_opens_with_one_sentence() -> None:
    for file in CODE:
        opening = ast.get_docstring(parsed(file))
        assert opening, f"{file} does not say what it is"
        assert opening.partition("\n")[0].endswith("."), f"{file} opens with no whole sentence"
    scripts = [*ROOT.glob("poc/static/*.js"), *ROOT.glob("poc/static/[!v]*/**/*.js")]
    for script in scripts:
        assert script.read_text("utf-8").startswith("// "), f"{script} does not say what it is"


def test_nothing_is_left_half_or_bound_to_one_machine() -> None:
    for file in tracked():
        found = LEFTOVERS.search(file.read_text("utf-8"))
        assert not found, f"{file} holds {found and found.group()!r}"


def test_the_code_is_written_as_agreed() -> None:
    for command in (("ruff", "check", "."), ("ruff", "format", "--check", ".")):
        told = run(*command)
        assert told.returncode == 0, told.stdout + told.stderr


def test_every_type_is_said_and_holds() -> None:
    told = run("mypy")
    assert told.returncode == 0, told.stdout + told.stderr


def test_a_new_registry_has_every_table_whoever_asks_for_it_later(tmp_path: Path) -> None:
    made = f"from poc import create_app; create_app({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", made], cwd=ROOT, check=True)
    for module in pkgutil.walk_packages(poc.__path__, "poc."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    with closing(sqlite3.connect(tmp_path / "registry.db")) as connection:
        tables = {row[0] for row in connection.execute("select name from sqlite_master")}
    assert set(Row.metadata.tables) <= tables
