"""What makes a browser an installed app: the worker, its book, and the files they keep."""

import hashlib
import json
import re
from base64 import b64encode
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path

from flask import Blueprint, Response, abort, request

from poc.book import STATIC
from poc.door import guest
from poc.house import house
from poc.packing import pack_once

worker = Blueprint("worker", __name__)
# sql.js compiles its WebAssembly in the worker; no page may do that.
WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
VERSIONED = "/static/<string(length=12):version>"
# While this file lies in the data folder, devices put their worker away and ask the office.
SWITCH, OFF = "worker-off", "off.js"
# It stands alone and has no version: it must still run when the scripts of a version do not.
WATCHDOG = "page/repair.js"
ICONS = (("icon.svg", "any"), ("icon-192.png", "any"), ("icon-512.png", "any"))
SHELL = re.compile(
    r"\w+\.css|app\.js|page/\w+\.js|vendor/(htmx\.min\.js|icons\.svg|sql-wasm\.wasm)"
    r"|icons/(icon\.svg|icon-192\.png|badge-96\.png)"
)


@worker.get("/sw.js")
def sw() -> Response:
    """Serve the worker at the root, so that it may answer for every page."""
    off = (house().folder / SWITCH).exists()
    script = OFF if off else "sw.js"
    # All it imports is of one version: an office that has moved on answers 404, and nothing mixes.
    versioned = f'"/static/{house().book.version}/'.encode()
    body = house().book.files[script].replace(b'"./static/', versioned)
    response = _sent(body, "text/javascript")
    response.headers["Content-Security-Policy"] = WORKER_POLICY
    response.headers["Service-Worker-Allowed"] = "/"
    if off:
        response.headers["Poc-Worker"] = "off"  # so that no page asks for one anew
    return response


@worker.get(f"{VERSIONED}/book.js")
def book(version: str) -> Response:
    """Serve the book: pages, queries, tables, film rules and templates."""
    return _for_ever(version, _text(house().book.js, "text/javascript"))


@worker.get(f"{VERSIONED}/shell.json")
def shell(version: str) -> Response:
    """List the files a page needs, each with its digest, for the worker to keep."""
    files = house().book.files
    kept = {_address(name): _integrity(files[name]) for name in files if SHELL.fullmatch(name)}
    body = json.dumps({"files": kept})
    return _for_ever(version, _text(body, "application/json"))


@worker.get("/p/<slug>/manifest.webmanifest")
def manifest(slug: str) -> Response:
    """Describe the app that a phone installs; it opens on this production."""
    who = guest(slug)
    if who.scope is None:
        abort(404)
    title = who.production.title
    first = house().book.nav(who.scope.reads, who.production.base, "")[0]["path"]
    icons = [_icon(name, purpose) for name, purpose in ICONS]
    about = {"id": f"/p/{slug}/", "start_url": first, "scope": "/", "icons": icons}
    look = {"display": "standalone", "background_color": "#f5f4ee", "theme_color": "#1b1d25"}
    named = {"name": f"{title} · POC", "short_name": title[:12]}
    return _text(json.dumps({**named, **about, **look}), "application/manifest+json")


@worker.get(f"{VERSIONED}/<path:name>")
def versioned(version: str, name: str) -> Response:
    """Serve a file of this version, which never changes. Of another version there is nothing."""
    return _for_ever(version, _file(name))


@worker.get("/static/<path:name>")
def static(name: str) -> Response:
    """Serve a file as it is now."""
    return _file(name)


@worker.get("/favicon.ico")
def favicon() -> Response:
    """Serve the mark to browsers that ask before they have read a page."""
    return _file("icons/icon-192.png")


def _icon(name: str, purpose: str) -> dict[str, str]:
    kind = "image/svg+xml" if name.endswith(".svg") else "image/png"
    size = "any" if name.endswith(".svg") else "x".join([name.rpartition("-")[2][:3]] * 2)
    source = _address(f"icons/{name}")
    return {"src": source, "type": kind, "sizes": size, "purpose": purpose}


def _address(name: str) -> str:
    return f"/static/{name}" if name == WATCHDOG else f"/static/{house().book.version}/{name}"


def _integrity(body: bytes) -> str:
    return "sha256-" + b64encode(hashlib.sha256(body).digest()).decode()


def _for_ever(version: str, response: Response) -> Response:
    if version != house().book.version:
        abort(404)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _text(body: str, mimetype: str) -> Response:
    return _sent(body.encode(), mimetype)


def _file(name: str) -> Response:
    body = house().book.files.get(name)
    if body is None:
        abort(404)
    kind = guess_type(name)[0] or "application/octet-stream"
    kind = "text/javascript" if name.endswith((".js", ".mjs")) else kind
    kind = "application/wasm" if name.endswith(".wasm") else kind
    return _sent(body, kind, STATIC / name)


def _sent(body: bytes, kind: str, file: Path | None = None) -> Response:
    response = Response(body, mimetype=kind, headers={"Cache-Control": "no-cache"})
    response.set_etag(_tag(body), weak=True)
    pack_once(response, file).make_conditional(request)
    return response


@lru_cache(maxsize=128)
def _tag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]
