"""The second thing that somebody needs to sign in: a code of an app (TOTP, RFC 6238), or a recovery code."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from datetime import datetime

import pyotp

STEP_SECONDS = 30
DIGITS = 6
CLOCKS_DIFFER = 1
"""So many steps before and after this one are taken too: clocks of phones differ, and typing takes its time."""
RECOVERY_CODES = 10
_RECOVERY_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_GROUPS, _GROUP = 4, 4


def new_secret() -> str:
    """A new secret for an app: 160 random bits in base 32."""
    return pyotp.random_base32()


def address(secret: str, *, sign_in: str, issuer: str) -> str:
    """What an app reads from a 2D code (`otpauth://…`)."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(name=sign_in, issuer_name=issuer)


def step_of(code: str, secret: str, *, now: datetime) -> int | None:
    """Which step of 30 seconds the code is that of, of those around now; None when it is none of them."""
    typed = _digits(code)
    present = int(now.timestamp()) // STEP_SECONDS
    app = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    steps = range(present - CLOCKS_DIFFER, present + CLOCKS_DIFFER + 1)
    found = [
        step for step in steps if hmac.compare_digest(app.generate_otp(step).encode(), typed.encode("utf-8", "replace"))
    ]
    return found[-1] if found else None


def _digits(code: str) -> str:
    return "".join(unicodedata.normalize("NFKC", code).split())


def new_recovery_codes() -> list[str]:
    """Codes for who lost the app, each of about 78 random bits."""
    return ["-".join(_group() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)]


def _group() -> str:
    return "".join(secrets.choice(_RECOVERY_LETTERS) for _ in range(_GROUP))


def recovery_digest(code: str) -> str:
    """What the store knows of a recovery code, however it was typed: too random to be guessed from its SHA-256."""
    letters = "".join(letter for letter in unicodedata.normalize("NFKC", code).upper() if letter.isalnum())
    return hashlib.sha256(letters.encode("utf-8", "replace")).hexdigest()
