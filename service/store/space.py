"""The free space where the store's files are: without enough of it no write begins, because a full disk destroys it."""

from __future__ import annotations

import errno
import shutil
from dataclasses import dataclass
from pathlib import Path

from service.errors import Refused

MEGABYTE = 1024 * 1024
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What the system says where nothing more can be written."""


class NoRoom(Refused):
    """A write that was not begun, because the disk is too full for it."""

    code = "no_room"
    remedy = "Free space on the disk with the store, then do the same again; see `ops/runbook.md`"


@dataclass(frozen=True, slots=True)
class Space:
    """The volume that a folder is on, and how many bytes have to be free there before a write begins."""

    folder: Path
    least: int

    def free(self) -> int:
        """The bytes that are free for this user."""
        return shutil.disk_usage(self.folder).free

    def is_short(self) -> bool:
        """Whether writes are refused."""
        return self.free() < self.least

    def refuse_if_short(self) -> None:
        """Returns where there is room for a write. Errors: NoRoom, with what to do."""
        if self.is_short():
            raise NoRoom(
                f"ディスクの空きが足りないため、書き込みませんでした。{self.sentence()}"
                "住民への案内は続いています。空きを作ってから、同じ操作をもう一度してください。"
            )

    def sentence(self) -> str:
        """How much is free and how much there has to be, as a sentence."""
        free, least = self.free() // MEGABYTE, -(-self.least // MEGABYTE)
        return f"{self.folder} のあるディスクの空きは {free} MB で、{least} MB 以上が必要です。"
