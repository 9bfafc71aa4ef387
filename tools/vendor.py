"""Fetch the front-end files that POC carries, or check that nobody touched them (--check).

vendor.json names each package, its version, its licence, the sha512 of its tarball and the
files we keep; fetching needs npm. A file marked "packed" is kept as brotli makes it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import brotli

ROOT = Path(__file__).resolve().parent.parent
STROKE = (
    'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" '
    'stroke-linejoin="round"'
)


def main(*options: str) -> int:
    manifest = ROOT / "vendor.json"
    packages = json.loads(manifest.read_text())
    if "--check" in options:
        wrong = touched(ROOT, packages)
        print("\n".join(wrong) or "The vendored files are as they were fetched.")
        return 1 if wrong else 0
    for name, package in packages.items():
        fetch(name, package)
    manifest.write_text(json.dumps(packages, indent=2) + "\n")
    return 0


def touched(root: Path, packages: dict[str, Any]) -> list[str]:
    """One sentence for each file that is missing or is not what was fetched."""
    kept = [file for package in packages.values() for file in package["files"]]
    return [
        f"{file['path']} is not the file that vendor.json names: run tools/vendor.py again."
        for file in kept
        if not (root / file["path"]).is_file()
        or digest("sha384", (root / file["path"]).read_bytes()) != file["sha384"]
    ]


def fetch(name: str, package: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder, tarball(name, package, folder) as tar:
        for file in package["files"]:
            body = contents(tar, file)
            target = ROOT / file["path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
            file["sha384"] = digest("sha384", body)


def tarball(name: str, package: dict[str, Any], folder: str) -> tarfile.TarFile:
    order = ["npm", "pack", "--silent", f"{name}@{package['version']}"]
    subprocess.run(order, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    packed = next(Path(folder).glob("*.tgz"))
    if digest("sha512", packed.read_bytes()) != package["integrity"]:
        sys.exit(f"{name} {package['version']} is not the package vendor.json names: keep out.")
    return tarfile.open(packed)


def contents(tar: tarfile.TarFile, file: dict[str, Any]) -> bytes:
    if "icons" in file:
        return sprite(tar, file["from"], file["icons"])
    if "packed" in file:
        return bytes(brotli.compress(read(tar, file["from"]), quality=11))
    before, after = file.get("before", ""), file.get("after", "")
    return bytes(before.encode() + read(tar, file["from"]) + after.encode())


def sprite(tar: tarfile.TarFile, folder: str, icons: list[str]) -> bytes:
    """All icons in one file, each a symbol that takes the colour of the text around it."""
    lines = ['<svg xmlns="http://www.w3.org/2000/svg">']
    for icon in icons:
        drawing = read(tar, f"{folder}/{icon}.svg").decode()
        shapes = re.sub(r"\s+", " ", re.split(r"<svg[^>]*>|</svg>", drawing)[1]).strip()
        lines.append(f'<symbol id="{icon}" viewBox="0 0 24 24" {STROKE}>{shapes}</symbol>')
    return "\n".join([*lines, "</svg>", ""]).encode()


def read(tar: tarfile.TarFile, path: str) -> bytes:
    member = tar.extractfile(f"package/{path}") if f"package/{path}" in tar.getnames() else None
    if member is None:
        sys.exit(f"{tar.name!s} holds no file {path}: look where the package keeps it now.")
    return member.read()


def digest(algorithm: str, body: bytes) -> str:
    raw = hashlib.new(algorithm, body).digest()
    return f"{algorithm}-{base64.b64encode(raw).decode()}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
