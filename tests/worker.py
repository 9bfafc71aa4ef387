"""The worker's modules in Node: what a phone would show, without a browser."""

import json
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WASM = HERE.parent / "poc" / "static" / "vendor" / "sql-wasm.wasm"


class Worker:
    """One Node process that fills pages from images, and asks queries of them."""

    def __init__(self, node: str, folder: Path) -> None:
        self.node = node
        self.folder = folder

    def __enter__(self) -> "Worker":
        script = str(HERE / "node" / "pages.mjs")
        command = [self.node, "--no-warnings", script, str(self.folder / "book.mjs"), str(WASM)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)

    def ask(self, image: bytes, **job: Any) -> dict[str, Any]:
        """Ask for a page (`path`, `base`, ...) or for the rows of a query (`sql`)."""
        assert self._process.stdin and self._process.stdout
        file = self.folder / f"{hash(image) & 0xFFFFFFFF:08x}.db"
        if not file.exists():
            file.write_bytes(image)
        self._process.stdin.write(json.dumps({"image": str(file), **job}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer
