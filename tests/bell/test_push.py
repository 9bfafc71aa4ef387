"""What is posted, and where to: the rules of push services, and of not being led astray."""

import json
import stat
from pathlib import Path

import pytest

from poc.bell.keys import BadContact, OfficeKey, contact, office_key
from poc.bell.push import HOSTS, LONGEST_TTL, NoTarget, Seal, Target, check, letter, topic
from tests.bell.phone import Phone, raw, text

ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/abc"
NOTICE = {"id": "01", "title": "Call 06:00 → 07:30, Tue 14 Apr", "body": "Day 12 · BLUE"}
CALLED = {"date": "2026-04-14", "call": "07:30", "place": "Pier 9 Warehouse"}


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> OfficeKey:
    return office_key(tmp_path_factory.mktemp("key"))


def target(phone: Phone) -> Target:
    return Target(phone.endpoint, **phone.subscription["keys"])


def test_the_tests_phone_reads_the_example_of_rfc_8291() -> None:
    private = int.from_bytes(raw("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), "big")
    phone = Phone("", private, raw("BTBZMqHH6r4Tts7J_aSIgg"))
    body = raw(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIg"
        "Dll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXL"
        "WyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    assert phone.read(body) == b"When I grow up, I want to be a watermelon"


def test_a_phone_reads_what_the_office_sealed(key: OfficeKey) -> None:
    phone = Phone(ENDPOINT)
    wire = letter(NOTICE, CALLED, "/p/night-ferry", "https://poc.film", "t")
    parcel = Seal(key, "mailto:office@aurora-film.com").close(wire, target(phone), 60, "high", "t")
    shown = phone.notification(parcel.body)
    assert shown["title"] == NOTICE["title"]
    assert shown["navigate"] == "https://poc.film/p/night-ferry/today?n=01"
    assert shown["data"] == {"id": "01", "base": "/p/night-ferry", "called": CALLED}


def test_nothing_of_one_message_sticks_to_the_next(key: OfficeKey) -> None:
    seal, one = Seal(key, "mailto:office@aurora-film.com"), target(Phone(ENDPOINT))
    first = seal.close(b"{}", one, 9999, "high", "a")
    second = seal.close(b"{}", one, 60, "normal", "b")
    assert [first.headers["ttl"], second.headers["ttl"]] == ["9999", "60"]
    assert second.headers["urgency"] == "normal"
    assert second.headers["topic"] == "b"
    assert first.body[:86] != second.body[:86], "salt and sender key are new for every message"


@pytest.mark.parametrize(("asked", "sent"), [(0, "1"), (-5, "1"), (10**9, str(LONGEST_TTL))])
def test_a_message_always_lives_a_while(key: OfficeKey, asked: int, sent: str) -> None:
    seal = Seal(key, "mailto:office@aurora-film.com")
    assert seal.close(b"{}", target(Phone(ENDPOINT)), asked, "high", "t").headers["ttl"] == sent


def test_one_signature_serves_a_push_service_for_hours(key: OfficeKey) -> None:
    seal, phones = Seal(key, "mailto:office@aurora-film.com"), [Phone(ENDPOINT), Phone(ENDPOINT)]
    one, two = (seal.close(b"{}", target(phone), 60, "high", "t") for phone in phones)
    assert one.headers["authorization"] == two.headers["authorization"]


def test_a_signature_is_for_one_origin_with_its_port(key: OfficeKey) -> None:
    phone = Phone("https://push.aurora-film.com:8443/abc")
    parcel = Seal(key, "mailto:office@aurora-film.com").close(b"{}", target(phone), 60, "high", "t")
    token = parcel.headers["authorization"].removeprefix("vapid t=").split(",")[0]
    claims = json.loads(raw(token.split(".")[1]))
    assert claims["aud"] == "https://push.aurora-film.com:8443"
    assert claims["sub"] == "mailto:office@aurora-film.com"


@pytest.mark.parametrize("body", ["", "Day 12", "é" * 300, "🎬" * 5000, '"\\\n' * 9000, "\0" * 900])
def test_a_letter_has_one_of_few_sizes_and_fits_every_service(body: str) -> None:
    called = {**CALLED, "place": body}
    wire = letter({**NOTICE, "body": body}, called, "/p/x", "https://poc.film", "t")
    assert len(wire) in (512, 1024, 1536, 2500)
    assert json.loads(wire)["notification"]["title"].startswith("Call")


def test_a_topic_tells_a_push_service_nothing() -> None:
    one = topic("salt", "night-ferry", "day")
    assert one == topic("salt", "night-ferry", "day")
    assert one != topic("other", "night-ferry", "day")
    assert len(one) == 32
    assert len(raw(one)) == 24


@pytest.mark.parametrize(
    "endpoint",
    [
        ENDPOINT,
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://fcm.googleapis.com:443/fcm/send/abc",
        "https://web.push.apple.com/QOrF",
        "https://api-1.push.apple.com/3/device/x",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYAAAB%2b%3d",
    ],
)
def test_browsers_push_services_are_posted_to(endpoint: str) -> None:
    check(target(Phone(endpoint)))


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/abc",
        "https://fcm.googleapis.com:8443/fcm/send/abc",
        "https://fcm.googleapis.com:99999/fcm/send/abc",
        "https://a@fcm.googleapis.com/fcm/send/abc",
        "https://fcm.googleapis.com@169.254.169.254/x",
        "https://fcm.googleapis.com.evil.com/x",
        "https://evilfcm.googleapis.com/x",
        "https://evilpush.apple.com/x",
        "https://push.apple.com/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://localhost/x",
        "https://fcm.googleapis.com\\@evil.com/x",
        "https://evil.com\\.push.apple.com/x",
        "https://fcm.googleapis.com/x\r\nHost: evil.com",
        "https://fcm.googleapis.com/" + "x" * 1024,
        "file:///etc/passwd",
        "//fcm.googleapis.com/x",
        "https://[fcm.googleapis.com/x",
        "",
    ],
)
def test_nothing_else_is_ever_posted_to(endpoint: str) -> None:
    with pytest.raises(NoTarget, match="does not know this browser's push service"):
        check(target(Phone(endpoint)))


def test_an_office_may_name_a_push_service_of_its_own() -> None:
    phone = Phone("https://push.aurora-film.com/x")
    check(target(phone), (*HOSTS, "push.aurora-film.com"))


def damaged() -> list[dict[str, str]]:
    good = Phone(ENDPOINT).subscription["keys"]
    point = raw(good["p256dh"])
    compressed = bytes([2 + point[64] % 2]) + point[1:33]
    wrong = [compressed, point[:64], b"\5" + point[1:], b"\4" + bytes(64), b"", point + b"x"]
    keys: list[dict[str, str]] = [{**good, "p256dh": text(one)} for one in wrong]
    return [*keys, {**good, "auth": "AAAA"}, {**good, "auth": ""}, {**good, "auth": "é" * 22}]


@pytest.mark.parametrize("keys", damaged())
def test_damaged_keys_are_refused_before_anything_is_sealed(keys: dict[str, str]) -> None:
    with pytest.raises(NoTarget, match="keys are damaged"):
        check(Target(ENDPOINT, **keys))


@pytest.mark.parametrize(
    "address",
    ["mailto:a@b.com", "a@localhost", "a@poc.local", "a@b", "https://x.com", "", "a b@c.de"],
)
def test_a_contact_nobody_can_write_to_is_refused_in_a_sentence(address: str) -> None:
    with pytest.raises(BadContact, match="Set VAPID_CONTACT to an e-mail address"):
        contact(address)


def test_the_offices_key_is_made_once_and_readable_by_nobody_else(tmp_path: Path) -> None:
    first, second = office_key(tmp_path), office_key(tmp_path)
    assert first.text == second.text
    assert [file.name for file in tmp_path.iterdir()] == ["vapid.pem"]
    assert stat.S_IMODE((tmp_path / "vapid.pem").stat().st_mode) == 0o600
