"""Four people, five devices, one office, and everything that goes wrong between them."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import select

from sync import Journal
from sync.database import reading
from tests.sync import film
from tests.sync.device import Device, Fetch, Key, Record, digest_of, unfolded, unpack
from tests.sync.film import KINDS, Answer, Wire

PLACES = {"tablet": "ann", "laptop": "ann", "trailer": "ben", "art": "cyd", "phone": "dan"}
FATES = ("fine", "fine", "lost", "unheard", "twice", "late", "late", "copy lost", "copy late")
ROLES = ("coordinator", "coordinator", "head", "crew", None)
CLOCKS = (
    "2026-11-23T12:00:00Z",
    "1970-01-01T00:00:00Z",
    "2036-11-23T12:00:00+14:00",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+23:59",
    "soon",
    None,
    -1,
)
FIELDS = {
    "scene": ("heading", "place", "eighths", "remark"),
    "contact": ("name", "phone", "department"),
}
VALUES: dict[str, tuple[Any, ...]] = {
    "eighths": (1, 2, 3, 0),
    "department": ("art", "camera", "art", None),
}
WORDS = ("one", "two", "three", None)
STATES = {"applied", "same", "conflict", "rejected"}


class Broken(AssertionError):
    """A guarantee that did not hold."""


def hold(truth: object, guarantee: str, *evidence: object) -> None:
    if not truth:
        raise Broken(f"{guarantee} {evidence}")


@dataclass
class World:
    """Every step takes numbers only, so that anything that draws numbers can drive it."""

    office: Journal
    make: type[Device] = Device
    devices: list[Device] = field(default_factory=list)
    flying: list[tuple[Device, int, Answer, bytes | None]] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)
    backup: film.Backup = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.devices = [self.make(place, person) for place, person in PLACES.items()]
        self.back_up()

    # What people do.

    def create(self, who: int, kind: int, value: int, shared: bool, clock: int) -> None:
        """Make a record; two people may make one of the same name apart."""
        device = self.devices[who]
        name = ("scene", "contact")[kind]
        wire: Wire = {"do": "create", "kind": name, "record": f"{name} {device.next_id()}"}
        if shared:
            wire |= {"kind": "scene", "record": f"scene {value}"}
            wire["value"] = {"heading": WORDS[value]}
        else:
            wire["value"] = {one: self._value(one, value) for one in FIELDS[name]}
        self._keep(device, wire, clock)

    def edit(self, who: int, which: int, what: int, value: int, clock: int) -> None:
        device = self.devices[who]
        for key in self._pick(device, which):
            self._keep(device, self._set(key, what, value), clock)

    def remove(self, who: int, which: int, clock: int) -> None:
        device = self.devices[who]
        for kind, record in self._pick(device, which):
            self._keep(device, {"do": "delete", "kind": kind, "record": record}, clock)

    def group(self, who: int, which: int, what: int, value: int, clock: int) -> None:
        """Change two records, or two fields of one, together or not at all."""
        device = self.devices[who]
        members = [
            {**self._set(key, what + n, value), "id": device.next_id()}
            for n in (0, 1)
            for key in self._pick(device, which + n)
        ]
        if members:
            self._keep(device, {"do": "group", "changes": members}, clock)

    # What becomes of it on the way.

    def exchange(self, who: int, count: int, fate: int, clock: int) -> None:
        device, how = self.devices[who], FATES[fate]
        if how == "lost":
            return
        request = device.request(count, CLOCKS[clock])
        answer = self._ask(device, request)
        if how == "twice":
            answer = self._ask(device, request)
        if how == "late":
            self.flying.append((device, device.life, answer, None))
        elif how == "copy late" and answer["reset"]:
            image = self.office.snapshot(device.person, {})
            self.flying.append((device, device.life, answer, image))
        elif how != "unheard":
            fetch = partial(self._copy, device)
            self._receive(device, answer, (lambda: None) if how == "copy lost" else fetch)

    def land(self, who: int, which: int) -> None:
        """Let a delayed answer arrive at last, unless the device lost everything meanwhile."""
        device = self.devices[who]
        flying = [one for one in self.flying if one[0] is device]
        if flying:
            late = flying[which % len(flying)]
            self.flying = [one for one in self.flying if one is not late]
            _, life, answer, image = late
            if life == device.life:
                self._receive(device, answer, lambda: image or self._copy(device))

    def evict(self, who: int, everything: bool) -> None:
        device = self.devices[who]
        if everything:
            self.forgotten |= {wire["id"] for wire in device.outbox}
            device.lose_everything()
        else:
            device.forget()

    # What the office does meanwhile.

    def cast(self, person: int, role: int) -> None:
        """Give somebody another role, or put them out."""
        name, title = film.EVERYBODY[person], ROLES[role]
        with self.office.desk() as desk:
            if title is None:
                desk.remove("membership", name)
            else:
                desk.create("membership", {"role": title}, name)

    def transfer(self, which: int, value: int) -> None:
        """Move somebody to another department, in or out of what others may see."""
        contacts = film.rows(self.office, "contact")
        if contacts:
            with self.office.desk() as desk:
                one = contacts[which % len(contacts)]["id"]
                desk.set("contact", one, department=VALUES["department"][value])

    def back_up(self) -> None:
        self.backup = film.back_up(self.office)

    def restore(self) -> None:
        """Play the latest backup back; what was answered since is only on the devices."""
        film.restore(self.office, self.backup)

    # What must hold.

    def settle(self) -> None:
        """Let everything arrive, then everybody exchange until nothing is left to say."""
        for who, which in [(who, n) for n in range(len(self.flying)) for who in range(5)]:
            self.land(who, which)
        for _ in range(3):
            for device in self.devices:
                for _ in range(1 + len(device.outbox) // 200):
                    request = device.request(200, CLOCKS[0])
                    answer = self._ask(device, request)
                    self._receive(device, answer, partial(self._copy, device))

    def check(self) -> None:
        """Check every guarantee, once all is settled."""
        self.settle()
        stored = {one["id"]: one for one in film.asked(self.office)}
        for device in self.devices:
            self._converged(device)
            self._nothing_lost(device, stored)
        self._applied_once(stored)
        check_chain(list(stored.values()))

    def _converged(self, device: Device) -> None:
        with reading(self.office.engine) as connection:
            scope = film.scope_of(connection, device.person)
            held: dict[Key, Record] = {}
            for kind in KINDS if scope else ():
                table = KINDS[kind].table
                for row in connection.execute(select(table).where(table.c.gone == 0)):
                    record = {k: v for k, v in row._mapping.items() if v is not None}
                    if scope and scope.sees(kind, record):
                        del record["gone"], record["seq"]
                        held[kind, record.pop("id")] = record
        hold(device.replica == held, "G1: a replica is what its person may hold", device.name)
        told = self._ask(device, device.request(0, CLOCKS[0])).get("digest", {})
        told = {kind: count for kind, count in told.items() if count != [0, 0]}
        hold(told == digest_of(device.replica), "G1: a digest says so", device.name, told)
        image, _ = unpack(self.office.snapshot(device.person, {}))
        hold(image == held, "G1: a snapshot is what its person may hold", device.person)

    def _nothing_lost(self, device: Device, stored: dict[str, Any]) -> None:
        hold(not device.outbox, "G2: every edit is answered", device.name, device.outbox)
        for name in device.asked:
            hold(name in stored and name in device.done, "G2: every edit is stored", name)
            result = json.loads(stored[name]["result"])
            hold(result == device.done[name], "G2: one result for good", name, result)
            hold(result["st"] in STATES, "G2: a result is one of four", name)

    def _applied_once(self, stored: dict[str, Any]) -> None:
        made = Counter(echo["of"] for echo in film.rows(self.office, "echo"))
        fresh = {n for n, one in stored.items() if one["st"] == "applied" and _makes_scene(one)}
        hold(made == Counter(fresh), "G4: what happens happens once", made - Counter(fresh))
        names = [name.partition("#")[0] for name in stored]
        hold(len(names) == len(set(names)), "G4: one answer for one edit", names)

    def _copy(self, device: Device) -> bytes:
        return self.office.snapshot(device.person, {})

    def _receive(self, device: Device, answer: Answer, fetch: Fetch) -> None:
        device.receive(answer, fetch)
        for name in device.asked:
            waiting = any(wire["id"] == name for wire in device.outbox)
            hold(waiting or name in device.done, "G7: an edit shows until it is answered", name)
        for name, result in answer["results"] if name_known(device, answer) else ():
            seq = result.get("seq", 0)
            hold(seq <= device.cursor or name not in device.done, "G7: what was taken shows", name)

    def _ask(self, device: Device, request: Any) -> Answer:
        answer: Answer = json.loads(self.office.exchange(device.person, request))
        with reading(self.office.engine) as connection:
            scope = film.scope_of(connection, device.person)
        for kind, record, _, fields in answer["records"]:
            seen = fields is None or (scope and scope.sees(kind, {"id": record, **fields}))
            hold(seen, "G5: nobody is told what they may not hold", device.person, kind, fields)
        for kind, *told in unfolded(answer.get("sets")):
            seen = scope is not None and scope.whole(kind)
            hold(seen, "G5: fields are told only of what is surely held", device.person, *told)
        return answer

    def _keep(self, device: Device, wire: Wire, clock: int) -> None:
        device.keep({**wire, "id": device.next_id(), "at": CLOCKS[clock]})

    def _pick(self, device: Device, which: int) -> list[Key]:
        keys = sorted(key for key in device.view() if key[0] in FIELDS)
        return [keys[which % len(keys)]] if keys else []

    def _set(self, key: Key, what: int, value: int) -> Wire:
        kind, record = key
        name = FIELDS[kind][what % len(FIELDS[kind])]
        about = {"do": "set", "kind": kind, "record": record}
        return {**about, "field": name, "value": self._value(name, value)}

    def _value(self, name: str, value: int) -> Any:
        return VALUES.get(name, WORDS)[value]


def name_known(device: Device, answer: Answer) -> bool:
    return not answer["revoked"] and not answer["reset"] and not device.is_stale(answer)


def _makes_scene(one: dict[str, Any]) -> bool:
    return (one["wire"]["do"], one["kind"]) == ("create", "scene")


def check_chain(stored: list[dict[str, Any]]) -> None:
    """G3: whoever replaced a value had seen it, or had set it themselves just before."""
    stands: dict[str, dict[str, dict[str, Any]]] = {}
    applied = (one for one in stored if one["st"] == "applied" and one["record"])
    for one in sorted(applied, key=lambda one: int(one["seq"])):
        record = stands.setdefault(one["record"], {})
        do, wire = one["wire"]["do"], one["wire"]
        if do == "set" or (do == "create" and record.get("*", one)["wire"]["do"] != "delete"):
            names = [one["field"]] if do == "set" else list(wire["value"])
            for name in names if record or do == "set" else ():
                _may_replace(one, [record.get(name, record.get("", one))], name)
            record |= dict.fromkeys(names if record else ["", *names], one)
        elif do == "create":
            _may_replace(one, [record["*"]], "*")
            stands[one["record"]] = record = {"": one}
        else:
            _may_replace(one, [last for name, last in record.items() if name != "*"], "*")
        record["*"] = one


def _may_replace(one: dict[str, Any], before: list[dict[str, Any]], name: str) -> None:
    if one["person"] == "office" or name == "remark":
        return
    base, after = one["wire"].get("base", 0), one["wire"].get("after")
    for last in before:
        own = last["device"] == one["device"] and name == "*"
        seen = last is one or last["seq"] <= base or last["id"] == after or own
        hold(seen, "G3: nobody overwrites what they have not seen", name, one, last)


def live(world: World, seed: int, steps: int) -> World:
    """Let a history happen, all from one seed."""
    dice = random.Random(seed)

    def upto(most: int) -> int:
        return dice.randrange(most)

    who = 0
    for _ in range(steps):
        who = upto(5) if dice.random() < 0.3 else who  # a device acts in bursts
        which, clock = upto(8), upto(len(CLOCKS))
        chance = dice.random()
        if chance < 0.07:
            world.create(who, upto(2), upto(3), dice.random() < 0.3, clock)
        elif chance < 0.27:
            world.edit(who, which, upto(4), upto(4), clock)
        elif chance < 0.30:
            world.remove(who, which, clock)
        elif chance < 0.33:
            world.group(who, which, upto(4), upto(4), clock)
        elif chance < 0.68:
            world.exchange(who, upto(7), upto(len(FATES)), clock)
        elif chance < 0.84:
            world.land(who, which)
        elif chance < 0.87:
            world.transfer(which, upto(4))
        elif chance < 0.975:
            world.evict(who, dice.random() < 0.15)
        elif chance < 0.989:
            world.cast(upto(4), upto(len(ROLES)))
        elif chance < 0.995:
            world.back_up()
        else:
            world.restore()
    return world
