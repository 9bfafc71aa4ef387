"""What goes over the air is packed as the browser wishes, and unpacks to the same bytes."""

import gzip

import brotli
import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from poc.demo import COORDINATOR
from poc.packing import pack_halves
from tests.test_doors import BASE, Enter

ADDRESSES = (
    f"{BASE}/people",
    f"{BASE}/sync/snapshot",
    "/static/app.css",
    "/static/vendor/sql-wasm.wasm",
)
WAYS = {"br": brotli.decompress, "gzip": gzip.decompress}
ASKED = {"gzip, deflate, br, zstd": "br", "gzip, deflate": "gzip", "gzip;q=1, br;q=0": "gzip"}


@pytest.fixture
def office(enter: Enter) -> FlaskClient:
    return enter(COORDINATOR)


def get(office: FlaskClient, address: str, accepted: str) -> Response:
    found: Response = office.get(address, headers={"Accept-Encoding": accepted})
    return found


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("accepted", ASKED)
def test_every_browser_unpacks_the_same_bytes(
    office: FlaskClient, address: str, accepted: str
) -> None:
    plain, packed = get(office, address, "identity"), get(office, address, accepted)
    way = ASKED[accepted]
    assert packed.headers["Content-Encoding"] == way
    assert WAYS[way](packed.data) == plain.data
    assert len(packed.data) < len(plain.data) * 0.6
    assert packed.headers["Content-Length"] == str(len(packed.data))
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize("accepted", ["", "identity", "compress"])
def test_a_browser_that_takes_nothing_packed_gets_it_plain_and_caches_are_told(
    office: FlaskClient, accepted: str
) -> None:
    found = get(office, f"{BASE}/people", accepted)
    assert "Content-Encoding" not in found.headers
    assert found.data.startswith(b"<!doctype html>")
    assert "Accept-Encoding" in found.headers["Vary"]


def test_what_fits_into_one_packet_or_is_packed_already_stays_as_it_is(office: FlaskClient) -> None:
    for address in ("/favicon.ico", "/static/icons/icon-512.png"):
        assert "Content-Encoding" not in get(office, address, "br, gzip").headers


def test_a_file_that_did_not_change_is_not_sent_again(office: FlaskClient) -> None:
    first = get(office, "/static/page/fresh.js", "br")
    kept = {"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]}
    again = office.get("/static/page/fresh.js", headers=kept)
    assert (again.status_code, again.data) == (304, b"")
    other = {**kept, "If-None-Match": 'W/"another"'}
    assert office.get("/static/page/fresh.js", headers=other).data == first.data


def test_two_halves_are_one_answer_of_which_the_first_was_packed_before() -> None:
    shared = b'{"records":[' + b",".join([b'["scene","s1",7,{"set_name":"PIER 9"},1]'] * 900)
    for own in (b'],"proto":1}', b'],"proto":1,"say":"' + b"x" * 180_000 + b'"}'):
        with Flask(__name__).test_request_context(headers={"Accept-Encoding": "br"}):
            answer = pack_halves(shared, own, "application/json")
        assert answer.headers["Content-Encoding"] == "br"
        assert brotli.decompress(answer.data) == shared + own
