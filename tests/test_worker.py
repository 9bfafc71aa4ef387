"""What the office gives a worker: files of one version, each with its digest, or nothing."""

import hashlib
import re
from base64 import b64encode

from flask import Flask
from flask.testing import FlaskClient


def test_every_file_of_the_shell_is_there_for_ever_and_has_the_digest_that_was_said(
    stranger: FlaskClient,
) -> None:
    version = version_of(stranger)
    files = stranger.get(f"/static/{version}/shell.json").get_json()["files"]
    assert {f"/static/{version}/app.js", "/static/page/repair.js"} <= set(files)
    for address, integrity in files.items():
        found = stranger.get(address)
        assert found.status_code == 200
        digest = b64encode(hashlib.sha256(found.data).digest()).decode()
        assert integrity == f"sha256-{digest}", address
        assert ("immutable" in found.headers["Cache-Control"]) == (version in address)


def test_of_another_version_there_is_nothing(stranger: FlaskClient) -> None:
    for name in ("app.js", "app.css", "page/fresh.js", "book.js", "shell.json", "sw/desk.js"):
        assert stranger.get(f"/static/{version_of(stranger)}/{name}").status_code == 200
        assert stranger.get(f"/static/0123456789ab/{name}").status_code == 404


def test_the_worker_and_all_it_imports_are_of_one_version(stranger: FlaskClient) -> None:
    script = stranger.get("/sw.js").get_data(as_text=True)
    imported = re.findall(r'from "([^"]+)"', script)
    assert len(imported) == 5
    assert all(one.startswith(f"/static/{version_of(stranger)}/") for one in imported)


def test_with_the_switch_in_the_data_folder_the_worker_is_one_that_puts_itself_away(
    office: Flask, stranger: FlaskClient
) -> None:
    switch = office.extensions["poc"].folder / "worker-off"
    switch.touch()
    assert "unregister()" in stranger.get("/sw.js").get_data(as_text=True)
    assert stranger.head("/sw.js").headers["Poc-Worker"] == "off"
    switch.unlink()
    assert "unregister()" not in stranger.get("/sw.js").get_data(as_text=True)
    assert "Poc-Worker" not in stranger.head("/sw.js").headers


def version_of(stranger: FlaskClient) -> str:
    version: str = stranger.application.extensions["poc"].book.version
    return version
