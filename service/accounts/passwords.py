"""Passwords: how they are kept, what a new one has to be, and the first one that somebody is given."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from service.errors import InvalidRequest

HASHER = PasswordHasher(
    time_cost=3, memory_cost=64 * 1024, parallelism=4, hash_len=32, salt_len=16, type=Type.ID, encoding="utf-8"
)
"""Argon2id as RFC 9106 recommends where memory is short: 3 passes over 64 MiB in 4 lanes."""

NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$G0E2LCPYyhZgQPv8BkTtbg$9XWskd7DxmEpF30smKbn2BB+xFSbtZrIP9SV1396lJc"
"""What is compared where nobody has the name, so that it takes the same work: of a password that nobody knows."""

LEAST, MOST = 12, 200
LEAST_DIFFERENT = 5
AT_ONCE = 2
"""So many are worked on at a time in a process: each takes 64 MiB, and whoever waits has only a page to wait for."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Those that are not taken for one another when they are read off a paper."""
_workers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")


def _plain(password: str) -> str:
    """The password as it is compared: the same whatever keyboard it is typed on."""
    return unicodedata.normalize("NFKC", password)[:MOST]


async def hashed(password: str) -> str:
    """What is kept of a password, with its salt and parameters."""
    return await asyncio.get_running_loop().run_in_executor(_workers, HASHER.hash, _plain(password))


async def is_right(kept: str, password: str) -> bool:
    """Whether that is the password."""
    return await asyncio.get_running_loop().run_in_executor(_workers, _verify, kept, _plain(password))


def _verify(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether it was kept with other parameters than those of today."""
    return HASHER.check_needs_rehash(kept)


def check(password: str, *, sign_in: str) -> None:
    """Returns if somebody with that name to sign in with may choose the password. Errors: InvalidRequest."""
    plain = _plain(password)
    if len(plain) < LEAST:
        raise InvalidRequest(f"パスワードは、{LEAST}文字以上にしてください。", where="/new")
    if len(password) > MOST:
        raise InvalidRequest(f"パスワードは、{MOST}文字までにしてください。", where="/new")
    if len(set(plain)) < LEAST_DIFFERENT:
        raise InvalidRequest("同じ文字の繰り返しは、パスワードに使えません。", where="/new")
    if sign_in in plain.lower():
        raise InvalidRequest("サインイン名を含むものは、パスワードに使えません。", where="/new")


def first() -> str:
    """A password for the first time that somebody signs in: about 79 random bits, in four groups."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
