"""What this host keeps of the history outside the database: the key that seals changes, and the heads of the chain.

Who has the password of the database alone can neither seal a change nor take a head back (ops/decisions).
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import logging
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service import clock
from service.errors import Refused
from service.store import secret_files

log = logging.getLogger(__name__)

KEY_BYTES = 32
TAIL_BYTES = 8 * 1024


@dataclass(frozen=True, slots=True)
class Head:
    """An end that the chain once had: its place and its hash."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Kept:
    """The heads that were kept, by place. `trusted`: up to there the operator took the chain as it was, unsealed."""

    heads: dict[int, str]
    trusted: int = 0


@dataclass(frozen=True, slots=True)
class Ledger:
    """The folder of a host that belongs to one store."""

    folder: Path

    @property
    def key_file(self) -> Path:
        """Where the key is; hosts that share a store share it."""
        return self.folder / "key"

    @property
    def heads_file(self) -> Path:
        """One line of JSON for each head, only ever added to."""
        return self.folder / "heads.jsonl"

    def key(self) -> bytes | None:
        """The key, None where there is none. Errors: Refused for a file that cannot be read or holds none."""
        try:
            key = bytes.fromhex(self.key_file.read_text(encoding="ascii").strip())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise Refused(
                f"履歴の鍵 {self.key_file} を読めません（{type(error).__name__}）。控えから戻してください。"
            ) from error
        if len(key) != KEY_BYTES:
            raise Refused(f"履歴の鍵 {self.key_file} が壊れています。控えから戻してください。")
        return key

    def make_key(self) -> bytes:
        """The key, made where there is none, for this user alone. Errors: Refused where it cannot be written."""
        try:
            secret_files.make(self.key_file, secrets.token_hex(KEY_BYTES))
        except OSError as error:
            raise self._unwritable(error) from error
        key = self.key()
        if key is None:
            raise Refused(f"履歴の鍵 {self.key_file} を作れませんでした。")
        return key

    def last(self) -> Head | None:
        """The furthest head since the chain was last taken as it was. Errors: Refused where it cannot be read."""
        kept = _kept(self._read(TAIL_BYTES))
        return Head(*max(kept.heads.items())) if kept.heads else None

    def all(self) -> Kept:
        """Every head that counts. Errors: Refused where the file cannot be read."""
        return _kept(self._read(None))

    def keep(self, seq: int, head: str) -> None:
        """Notes where a write that is done left the chain; a fault is logged, for the write stays done."""
        try:
            self._add({"seq": seq, "hash": head})
        except OSError as error:
            log.error(
                "履歴の終わりを %s に書けません（%s）。空きと権限を確かめてください。", self.heads_file, error.strerror
            )

    def trust(self, seq: int, head: str, *, reason: str) -> None:
        """Takes the chain up to there as it is: heads that were kept before do not count any more. Errors: Refused."""
        try:
            self.make_key()
            self._add({"seq": seq, "hash": head, "trusted": reason, "at": clock.now().isoformat(timespec="seconds")})
        except OSError as error:
            raise self._unwritable(error) from error

    def check_writable(self) -> None:
        """Returns if heads can be kept. Errors: Refused."""
        try:
            with self.heads_file.open("ab"):
                pass
        except OSError as error:
            raise self._unwritable(error) from error

    def _read(self, most: int | None) -> list[bytes]:
        try:
            with self.heads_file.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                start = 0 if most is None else max(0, size - most)
                file.seek(start)
                lines = file.read().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Refused(f"履歴の控え {self.heads_file} を読めません（{error.strerror}）。") from error
        return lines[1:] if start else lines

    def _add(self, line: dict[str, Any]) -> None:
        with self.heads_file.open("ab+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            end = file.seek(0, os.SEEK_END)
            if end:
                file.seek(end - 1)
            torn = bool(end) and file.read(1) != b"\n"  # a line that a loss of power cut
            file.write((b"\n" if torn else b"") + json.dumps(line, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if not end:
            secret_files.settle(self.folder)

    def _unwritable(self, error: OSError) -> Refused:
        return Refused(
            f"履歴の控えの場所 {self.folder} に書き込めません（{error.strerror}）。空きと権限を確かめてください。"
        )


def seal(key: bytes, digest: str) -> str:
    """What only a holder of the key can write beside the hash of a change: its HMAC-SHA-256 in hexadecimal."""
    return hmac.new(key, digest.encode(), hashlib.sha256).hexdigest()


def is_sealed(key: bytes, digest: str, *, found: object) -> bool:
    """Whether that is the seal of the hash."""
    return isinstance(found, str) and hmac.compare_digest(seal(key, digest).encode(), found.encode())


def _kept(lines: list[bytes]) -> Kept:
    """What the lines say, in their order; one that was cut says nothing."""
    heads: dict[int, str] = {}
    trusted = 0
    for line in lines:
        try:
            entry = json.loads(line)
            seq, head = int(entry["seq"]), str(entry["hash"])
        except (ValueError, TypeError, KeyError):
            continue
        if "trusted" in entry:
            heads, trusted = {}, seq
        heads[seq] = head
    return Kept(heads, trusted)
