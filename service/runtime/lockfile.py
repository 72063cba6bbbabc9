"""Who holds a data directory: one process at a time runs its database, and others find that here."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from service.errors import CannotStart
from service.runtime import children


@dataclass(frozen=True, slots=True)
class Holder:
    """What the holder says of itself; `bolt` and `web` are None until they answer."""

    pid: int
    command: str
    bolt: str | None = None
    web: str | None = None
    database_pid: int | None = None

    def __str__(self) -> str:
        where = f"、{self.web}" if self.web else ""
        return f"tetsuzuki {self.command}（プロセス {self.pid}{where}）"


class Held(CannotStart):
    """Another process holds the data directory; `holder` is None while it has not said who it is."""

    code = "held"
    remedy = "Stop it, or choose another `TETSUZUKI_DATA_DIR`"

    def __init__(self, folder: Path, holder: Holder | None) -> None:
        super().__init__(
            f"{folder} は {holder or '別のプロセス'} が使っています。それを終えてから、もう一度実行してください。"
        )
        self.holder = holder


class Claim:
    """The right to run the database of a data directory, and the place to say what runs."""

    def __init__(self, folder: Path, command: str) -> None:
        self._file = folder / "running.json"
        self.left_behind = _read(self._file)
        self._holder = Holder(pid=os.getpid(), command=command)
        self._write()

    def tell_database(self, *, pid: int, bolt: str | None) -> None:
        """Says which process is the database and, once it answers, where."""
        self._holder = replace(self._holder, database_pid=pid, bolt=bolt)
        self._write()

    def tell_web(self, address: str) -> None:
        """Says where the pages are."""
        self._holder = replace(self._holder, web=address)
        self._write()

    def retire_database(self) -> None:
        """Waits until no other process uses the database, and says that it is not to be used any more."""
        with (self._file.parent / "users.lock").open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self._holder = replace(self._holder, bolt=None)
            self._write()

    def forget(self) -> None:
        """Says that nothing runs."""
        self._file.unlink(missing_ok=True)

    def _write(self) -> None:
        partial_file = self._file.with_suffix(".part")
        partial_file.write_text(json.dumps(asdict(self._holder)), encoding="utf-8")
        partial_file.replace(self._file)


@contextmanager
def claim(folder: Path, *, command: str) -> Iterator[Claim]:
    """Holds the data directory while the block runs. Held when another process does, CannotStart when unwritable.

    The lock is the kernel's: it is free again the moment its process is gone, however it ended.
    """
    prepare(folder)
    with (folder / "lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Held(folder, holder(folder)) from None
        yield Claim(folder, command)


@contextmanager
def usage(folder: Path) -> Iterator[None]:
    """Marks the database as in use by this process, so that a short-lived holder does not stop it meanwhile."""
    with (folder / "users.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield


def holder(folder: Path) -> Holder | None:
    """What the last holder said; it may be gone unless the lock was just found taken."""
    return _read(folder / "running.json")


def is_alive(holder: Holder) -> bool:
    """Whether the process that said so still runs."""
    return children.is_alive(holder.pid)


def prepare(folder: Path) -> None:
    """Makes the data directory, for this user only. CannotStart when that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise CannotStart(
            f"データの場所 {folder} に書き込めません（{error.strerror}）。TETSUZUKI_DATA_DIR で場所を変えられます。"
        ) from error


def _read(file: Path) -> Holder | None:
    try:
        return Holder(**json.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None
