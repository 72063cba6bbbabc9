"""A small disk of its own for a test, to be filled."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BALLAST = "ballast"


@contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[Path]:
    """The folder with a file system of that size mounted on it. Where that is not allowed the test fails."""
    folder.mkdir()
    options = f"size={megabytes}m,uid={os.getuid()},gid={os.getgid()},mode=700"
    wanted = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    first = [] if os.getuid() == 0 else ["sudo", "-n"]
    try:
        subprocess.run([*first, *wanted], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.fail(f"a full disk cannot be tried without mounting one, as root or with sudo: {error}")
    try:
        yield folder
    finally:
        subprocess.run([*first, "umount", "--lazy", str(folder)], check=True)


def free(folder: Path) -> int:
    """The bytes that are free on the volume of the folder."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def fill(disk: Path, *, leave: int) -> None:
    """Fills the disk until `leave` bytes are free."""
    with (disk / BALLAST).open("ab") as file:
        os.posix_fallocate(file.fileno(), file.tell(), max(1, free(disk) - leave))


def empty(disk: Path) -> None:
    """Takes away what filled it."""
    (disk / BALLAST).unlink()
