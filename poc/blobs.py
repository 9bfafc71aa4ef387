"""HTTP around photos and PDFs: sent in pieces, shown to whoever may hold what they hang on."""

import errno
import hashlib
from contextlib import closing
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request, send_file
from sqlalchemy import text
from werkzeug.datastructures import FileStorage

from poc.attaching import HEAD, KIND, arrived, type_of
from poc.door import Guest, guest
from poc.exchange import apologise, back, form, revoked, write, write_form
from poc.schedule.models import LARGEST
from sync import Refused, Result
from sync.database import reading
from sync.journal import PROTOCOL

blobs = Blueprint("blobs", __name__, url_prefix="/p/<slug>")
# What somebody else made is shown, and never run.
POLICY = "default-src 'none'; sandbox"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_ROOM = "The office's disk is full. The file is kept on this device until there is room."
FOREIGN = "This is not what it was said to be: photos are JPEG, PNG, WebP or GIF, and papers PDF."
NOT_HERE = "There is no such photo or PDF, or it is still on the device that took it."


@blobs.get("/blobs/<name>")
def show(slug: str, name: str) -> Response:
    """Hand out a file, also in parts; it never changes, as its name is what is in it."""
    who = guest(slug)
    if who.scope is None:
        return revoked()
    row, place = _row(who, name), who.production.blobs.find(name)
    if row is None or row["arrived_at"] is None or place is None:
        return apologise(who, NOT_HERE, 404)
    aside = row["type"] == "application/pdf"
    about = {"as_attachment": aside, "download_name": row["name"] or name}
    response = send_file(place, row["type"], etag=name, max_age=31536000, **about)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@blobs.get("/blobs/<name>/arrived")
def ask(slug: str, name: str) -> Response:
    """Say how much of a file has arrived, so that its device goes on from there."""
    who = guest(slug)
    if (refused := _refused(who, name)) is not None:
        return refused
    return _told(who, name)


@blobs.put("/blobs/<name>")
def take(slug: str, name: str) -> Response:
    """Take a piece of a file that a record names; what came stays, also when the line breaks."""
    who = guest(slug)
    if (refused := _refused(who, name)) is not None:
        return refused
    at = request.args.get("at", 0, type=int)
    try:
        return _taken(who, name, at, request.stream)
    except Refused as refusal:
        return _say(who, name, refusal.say, 422)
    except OSError as error:
        if error.errno not in FULL:
            raise
        return _say(who, name, NO_ROOM, 507)


@blobs.post("/attachment")
def attach(slug: str) -> Response:
    """Take photos and PDFs from a browser without a worker: record and bytes at once."""
    who = guest(slug)
    uploads = request.files.getlist("file")
    if who.scope is None or not uploads:
        return write(slug, KIND)
    for upload in uploads:
        try:
            refused = _attach(who, upload)
        except OSError as error:
            if error.errno not in FULL:
                raise
            return apologise(who, NO_ROOM, 507)
        if refused:
            return apologise(who, refused.say, 422)
    return redirect(back(who), 303)  # type: ignore[return-value]


def _attach(who: Guest, upload: FileStorage) -> Result | None:
    with closing(upload):
        raw = upload.stream.read(LARGEST + 1)
    name = hashlib.sha256(raw).hexdigest()
    about = {"name": upload.filename or "", "type": type_of(raw[:HEAD]), "sha256": name}
    told = write_form(who, KIND, "", {**form(), **about, "size": str(len(raw))})
    refused = [result for result in told if result.st == "rejected"]
    if not refused:
        have = who.production.blobs.arrived(name)
        _taken(who, name, have, BytesIO(raw[have:]))
    return refused[0] if refused else None


def _taken(who: Guest, name: str, at: int, stream: Any) -> Response:
    row = _row(who, name)
    assert row is not None
    files = who.production.blobs
    files.take(name, row["size"], at, stream.read)
    return _told(who, name)


def _told(who: Guest, name: str) -> Response:
    """Say how far a file is; note in its records when it is there, whoever sent the last of it."""
    files = who.production.blobs
    whole = files.find(name) is not None
    if whole:
        with who.production.journal.desk() as desk:
            whole = arrived(desk, files, name)
            if not whole:
                files.remove(name)
                return _say(who, name, FOREIGN, 422)
    return jsonify(proto=PROTOCOL, arrived=files.arrived(name), whole=whole)


def _say(who: Guest, name: str, say: str, status: int) -> Response:
    response = jsonify(proto=PROTOCOL, arrived=who.production.blobs.arrived(name), say=say)
    response.status_code = status
    return response


def _refused(who: Guest, name: str) -> Response | None:
    """Refuse files that no record names, and pieces from who may not write such a record."""
    if who.scope is None:
        return revoked()
    row = _row(who, name)
    if row is None:
        response = jsonify(proto=PROTOCOL, arrived=0, gone=True)
        response.status_code = 404
        return response
    if not who.scope.may_write(KIND, row):
        return _say(who, name, "Not accepted: you may not add photos or PDFs here.", 403)
    return None


def _row(who: Guest, name: str) -> dict[str, Any] | None:
    """Find a record that names the file and that this person may hold."""
    query = text(
        "select * from attachment where sha256 = :name and gone = 0"
        " order by case when arrived_at is null then 1 else 0 end, id"
    )
    with reading(who.production.engine) as connection:
        rows = [dict(row) for row in connection.execute(query, {"name": name}).mappings()]
    held = (row for row in rows if who.scope and who.scope.sees(KIND, row))
    return next(held, None)
