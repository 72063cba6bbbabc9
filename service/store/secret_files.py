"""Files that hold a secret of this host: made once, whole or not at all, and for their user only."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def make(file: Path, text: str) -> None:
    """Makes the file with this line, unless it is there: of two that come at once, the first one's counts.

    Errors: OSError where it cannot be written; then there is none.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as opened:
        opened.write(text + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    try:
        with suppress(FileExistsError):
            os.link(part, file)
    finally:
        part.unlink()
    settle(file.parent)


def settle(folder: Path) -> None:
    """Sees to it that the names in the folder outlive a loss of power. Errors: OSError."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
