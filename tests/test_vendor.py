"""The front-end files POC carries are the ones their authors published, licences and all."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import brotli
import pytest

from tests.stage import node
from tools.vendor import ROOT, touched

PACKAGES = json.loads((ROOT / "vendor.json").read_text())
FOLDERS = ("poc/static/vendor", "tests/vendor")
OPEN_A_DATABASE = """
import { readFileSync } from "node:fs";
import initSqlJs from "./poc/static/vendor/sql-wasm.mjs";
const wasmBinary = readFileSync("./poc/static/vendor/sql-wasm.wasm");
const { Database } = await initSqlJs({ wasmBinary });
const replica = new Database();
replica.run("create table strip (id text, eighths integer) strict");
replica.run("insert into strip values ('Łódź', '3')");
console.log(JSON.stringify(replica.exec("select *, typeof(eighths) from strip")[0].values));
"""


def test_no_vendored_file_was_touched() -> None:
    assert touched(ROOT, PACKAGES) == []


def test_the_engine_is_carried_packed_and_plain_and_both_are_the_same() -> None:
    plain = ROOT / "poc/static/vendor/sql-wasm.wasm"
    packed = plain.with_name("sql-wasm.wasm.br").read_bytes()
    assert brotli.decompress(packed) == plain.read_bytes()


def test_a_touched_file_is_named(tmp_path: Path) -> None:
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    with (tmp_path / "poc/static/vendor/idb.mjs").open("a") as file:
        file.write("// a quick fix\n")
    (sentence,) = touched(tmp_path, PACKAGES)
    assert sentence.startswith("poc/static/vendor/idb.mjs is not the file")


def test_the_check_can_be_asked_for_by_hand() -> None:
    words = [sys.executable, "tools/vendor.py", "--check"]
    assert subprocess.run(words, cwd=ROOT, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("name", PACKAGES)
def test_each_package_names_its_version_and_brings_its_licence(name: str) -> None:
    package = PACKAGES[name]
    assert package["version"][0].isdigit()
    assert package["licence"]
    assert package["integrity"].startswith("sha512-")
    assert any(file["path"].endswith(".LICENSE") for file in package["files"])


def test_every_file_in_the_vendored_folders_is_accounted_for() -> None:
    named = {file["path"] for package in PACKAGES.values() for file in package["files"]}
    present = {f"{folder}/{path.name}" for folder in FOLDERS for path in (ROOT / folder).iterdir()}
    assert present == named


def test_the_sprite_draws_each_icon_in_the_colour_of_its_text() -> None:
    sprite = (ROOT / "poc/static/vendor/icons.svg").read_text()
    icons = PACKAGES["lucide-static"]["files"][0]["icons"]
    assert [f'id="{icon}"' in sprite for icon in icons] == [True] * len(icons)
    assert sprite.count('stroke="currentColor"') == len(icons)


def test_the_replica_opens_as_a_module() -> None:
    words = [node(), "--input-type=module", "--eval", OPEN_A_DATABASE]
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.stdout.strip(), ran.stderr) == ('[["Łódź",3,"integer"]]', "")
