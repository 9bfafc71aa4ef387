"""What makes a browser an installed app: the worker, its book, and the files they keep."""

import hashlib
import json
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
SHELL = (
    "*.css",
    "app.js",
    "page/*.js",
    "vendor/htmx.min.js",
    "vendor/icons.svg",
    "icons/icon.svg",
    "icons/icon-192.png",
    "icons/badge-96.png",
)
ICONS = (("icon.svg", "any"), ("icon-192.png", "any"), ("icon-512.png", "any"))
ENGINE = "vendor/sql-wasm.wasm"


@worker.get("/sw.js")
def sw() -> Response:
    """Serve the worker at the root, so that it may answer for every page."""
    response = _file(STATIC / "sw.js")
    response.headers["Content-Security-Policy"] = WORKER_POLICY
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@worker.get("/book.js")
def book() -> Response:
    """Serve the book: pages, queries, tables, film rules and templates."""
    return _text(house().book.js, "text/javascript")


@worker.get("/shell.json")
def shell() -> Response:
    """List the files a page needs, for the worker to keep."""
    version = house().book.version
    found = sorted(file for pattern in SHELL for file in STATIC.glob(pattern))
    names = [file.relative_to(STATIC).as_posix() for file in (*found, STATIC / ENGINE)]
    # Scripts import each other by plain names; the cache they are kept in has the version.
    files = [f"/static/{n}" if n.startswith("page/") else f"/static/{n}?v={version}" for n in names]
    return _text(json.dumps({"version": version, "files": files}), "application/json")


@worker.get("/p/<slug>/manifest.webmanifest")
def manifest(slug: str) -> Response:
    """Describe the app that a phone installs; it opens on this production."""
    who = guest(slug)
    if who.scope is None:
        abort(404)
    title, version = who.production.title, house().book.version
    first = house().book.nav(who.scope.reads, who.production.base, "")[0]["path"]
    icons = [_icon(name, purpose, version) for name, purpose in ICONS]
    about = {"id": f"/p/{slug}/", "start_url": first, "scope": "/", "icons": icons}
    look = {"display": "standalone", "background_color": "#f5f4ee", "theme_color": "#1b1d25"}
    named = {"name": f"{title} · POC", "short_name": title[:12]}
    return _text(json.dumps({**named, **about, **look}), "application/manifest+json")


@worker.get("/static/<path:name>")
def static(name: str) -> Response:
    """Serve a file; one asked for with the version it belongs to never changes."""
    file = (STATIC / name).resolve()
    if STATIC not in file.parents or not file.is_file():
        abort(404)
    response = _file(file)
    if request.args.get("v") == house().book.version:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@worker.get("/favicon.ico")
def favicon() -> Response:
    """Serve the mark to browsers that ask before they have read a page."""
    return _file(STATIC / "icons" / "icon-192.png")


def _icon(name: str, purpose: str, version: str) -> dict[str, str]:
    kind = "image/svg+xml" if name.endswith(".svg") else "image/png"
    size = "any" if name.endswith(".svg") else "x".join([name.rpartition("-")[2][:3]] * 2)
    source = f"/static/icons/{name}?v={version}"
    return {"src": source, "type": kind, "sizes": size, "purpose": purpose}


def _text(body: str, mimetype: str) -> Response:
    return _sent(body.encode(), mimetype)


def _file(file: Path) -> Response:
    kind = guess_type(file.name)[0] or "application/octet-stream"
    kind = "text/javascript" if file.suffix in (".js", ".mjs") else kind
    kind = "application/wasm" if file.suffix == ".wasm" else kind
    return _sent(_read(file, file.stat().st_mtime_ns), kind, file)


def _sent(body: bytes, kind: str, file: Path | None = None) -> Response:
    response = Response(body, mimetype=kind, headers={"Cache-Control": "no-cache"})
    response.set_etag(_tag(body), weak=True)
    pack_once(response, file).make_conditional(request)
    return response


@lru_cache(maxsize=128)
def _tag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]


@lru_cache(maxsize=64)
def _read(file: Path, _changed: int) -> bytes:
    return file.read_bytes()
