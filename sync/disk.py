"""What outlives a power cut: not only what is in a file, but also its name."""

import os
from pathlib import Path


def to_disk(folder: Path) -> None:
    """Bring the names in a folder to the disk: they, too, must outlive a power cut."""
    names = os.open(folder, os.O_RDONLY)
    os.fsync(names)
    os.close(names)
