"""The first edition as the tests read it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from service.content.loading import content_files, read_files
from service.content.models import Content

SEED = Path(__file__).resolve().parents[1] / "seed"


@cache
def seed() -> Content:
    """The content of 総社市: every file of `seed/` but the one about the city itself."""
    return read_files(content_files(SEED))
