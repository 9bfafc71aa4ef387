"""Answers made small for the air: brotli for browsers that take it, gzip for everybody else."""

import gzip
from functools import lru_cache
from pathlib import Path
from threading import Lock

import brotli
from flask import Response, request

TEXT = ("text/", "application/json", "application/manifest+json", "application/wasm", "image/svg")
COPY = "application/vnd.sqlite3"
SMALLEST = 512  # bytes; less than that fits into one packet as it is
# Measured on pages and on copies of 10,000 records: more effort costs time and saves no more.
EFFORT = {"br": 5, "gzip": 6}
COPIED = 8  # a copy is packed once for all who may hold the same
WORTH_SHARING = 8_192  # bytes
BLOCK = 65_536  # bytes in a meta-block whose length takes four hexadecimal digits
CLOSED = b"\x03"  # a last meta-block with nothing in it
ONCE = {"br": 10, "gzip": 9}  # for what is packed one time and sent to everybody


_packing = Lock()  # who comes second waits for what the first is packing


def pack(response: Response) -> Response:
    """Compress what is worth it; what came packed, or goes out in a stream, stays as it is."""
    if not _worth(response):
        return response
    response.vary.add("Accept-Encoding")
    way = _way()
    if way:
        response.set_data(packed(response.get_data(), way, EFFORT[way]))
        response.headers["Content-Encoding"] = way
    return response


def pack_once(response: Response, file: Path | None = None) -> Response:
    """Compress what is the same for everybody, as well as it goes, and remember it."""
    response.vary.add("Accept-Encoding")
    way = _way()
    if way and (response.mimetype or "").startswith(TEXT):
        response.set_data(_kept(response.get_data(), way, file))
        response.headers["Content-Encoding"] = way
    return response


def pack_halves(shared: bytes, own: bytes, kind: str, effort: int = EFFORT["br"]) -> Response:
    """Answer with what goes to many first: that is packed once, and kept a while."""
    if _way() != "br" or len(shared) < WORTH_SHARING:
        return Response(shared + own, mimetype=kind)
    response = Response(_opening(shared, effort) + _plain(own), mimetype=kind)
    response.headers["Content-Encoding"] = "br"
    response.vary.add("Accept-Encoding")
    return response


def packed(body: bytes, way: str, effort: int) -> bytes:
    """Pack bytes one way: `br` or `gzip`."""
    if way == "br":
        return bytes(brotli.compress(body, quality=effort))
    return gzip.compress(body, effort)


def _way() -> str:
    best = request.accept_encodings.best_match(("br", "gzip"))
    return best or ""


def _worth(response: Response) -> bool:
    if (
        response.is_streamed
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
    ):
        return False
    length = response.content_length or 0
    return length >= SMALLEST and (response.mimetype or "").startswith((*TEXT, COPY))


def _opening(body: bytes, effort: int) -> bytes:
    """Pack what more will follow: a brotli stream that ends on a whole byte, and is not closed."""
    with _packing:
        return _opened(body, effort)


@lru_cache(maxsize=16)
def _opened(body: bytes, effort: int) -> bytes:
    stream = brotli.Compressor(quality=effort)
    return bytes(stream.process(body) + stream.flush())


def _plain(body: bytes) -> bytes:
    """Close a brotli stream with bytes as they are: RFC 7932, 9.2, uncompressed meta-blocks."""
    parts = (body[start : start + BLOCK] for start in range(0, len(body), BLOCK))
    blocks = ((len(part) - 1 << 3 | 1 << 19).to_bytes(3, "little") + part for part in parts)
    return b"".join(blocks) + CLOSED


@lru_cache(maxsize=128)
def _kept(body: bytes, way: str, file: Path | None) -> bytes:
    beside = file.with_name(f"{file.name}.br") if file else None
    if way == "br" and beside is not None and beside.exists():
        return beside.read_bytes()
    return packed(body, way, ONCE[way])
