"""What is kept of passwords and codes, and which are taken."""

from __future__ import annotations

import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher
from cryptography.fernet import Fernet

from service.accounts import codes, passwords
from service.accounts.vault import KeyLost, Vault
from service.errors import InvalidRequest, Refused

NOW = datetime(2026, 11, 28, 3, 0, 7, tzinfo=UTC)


async def test_a_password_is_kept_as_argon2id_with_the_parameters_that_are_written_down() -> None:
    kept = await passwords.hashed("ながいながい合言葉2026")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.is_right(kept, "ながいながい合言葉2026")
    assert not await passwords.is_right(kept, "ながいながい合言葉2027")
    assert kept != await passwords.hashed("ながいながい合言葉2026"), "two salts"


async def test_width_and_composition_of_letters_do_not_matter() -> None:
    kept = await passwords.hashed("ガイド 2026 abcdef")
    assert await passwords.is_right(kept, "ｶﾞｲﾄﾞ ２０２６ ａｂｃｄｅｆ")


async def test_what_nobody_can_type_costs_the_same_work() -> None:
    """The hash that stands in for accounts which do not exist has today's parameters."""
    assert not passwords.is_outdated(passwords.NOBODY)
    assert not await passwords.is_right(passwords.NOBODY, "")
    assert not await passwords.is_right("no hash", "whatever it is")


def test_other_parameters_are_noticed() -> None:
    assert passwords.is_outdated(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("weak"))


@pytest.mark.parametrize(
    "password", ["", "short", "elevenchars", "aaaaaaaaaaaaaaaa", "abababababababab", "my-hanako-is-here", "x" * 300]
)
def test_weak_passwords_are_refused_in_words(password: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        passwords.check(password, sign_in="hanako")
    assert refused.value.where == "/new" and "パスワード" in refused.value.message


def test_a_first_password_can_be_chosen_by_nobody_else_and_passes_the_check() -> None:
    made = {passwords.first() for _ in range(50)}
    assert len(made) == 50 and all(re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}", one) for one in made)
    for one in made:
        passwords.check(one, sign_in="hanako")


# Codes


def test_the_code_of_an_app_is_known_for_a_step_before_and_after() -> None:
    secret = codes.new_secret()
    app, present = pyotp.TOTP(secret), int(NOW.timestamp()) // 30
    for away, step in ((-60, None), (-30, present - 1), (0, present), (30, present + 1), (60, None)):
        code = app.at(NOW + timedelta(seconds=away))
        assert codes.step_of(code, secret, now=NOW) == step, away
    assert codes.step_of(app.at(NOW)[:3] + " " + app.at(NOW)[3:], secret, now=NOW) == present
    wide = app.at(NOW).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert codes.step_of(wide, secret, now=NOW) == present
    for wrong in ("", "000", "x" * 5_000, "\x00", "\ud800"):
        assert codes.step_of(wrong, secret, now=NOW) is None


def test_an_app_learns_whose_code_it_makes() -> None:
    address = codes.address("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", sign_in="hanako", issuer="総社市 職員用")
    read = pyotp.parse_uri(address)
    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.name, read.issuer, read.interval) == (
        "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "hanako",
        "総社市 職員用",
        30,
    )


def test_recovery_codes_are_known_however_they_are_typed() -> None:
    made = codes.new_recovery_codes()
    assert len({codes.recovery_digest(one) for one in made}) == codes.RECOVERY_CODES
    typed = made[0].lower().replace("-", " ")
    assert codes.recovery_digest(typed) == codes.recovery_digest(made[0])
    assert all(re.fullmatch(r"([A-HJKMNP-TV-Z2-9]{4}-){3}[A-HJKMNP-TV-Z2-9]{4}", one) for one in made)


# The key


def test_the_key_is_made_when_it_is_first_needed_for_its_user_only(tmp_path: Path) -> None:
    file = tmp_path / "accounts" / "key"
    closed = Vault(file).closed("secret")
    assert "secret" not in closed and stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Vault(file).opened(closed) == "secret"
    assert [one.name for one in file.parent.iterdir()] == ["key"]


def test_hosts_with_the_same_key_read_what_others_wrote_and_no_others_do(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    closed = Vault(tmp_path / "a" / "key", key).closed("secret")
    assert Vault(tmp_path / "b" / "key", key).opened(closed) == "secret"
    assert not (tmp_path / "a").exists()
    with pytest.raises(KeyLost, match="再設定"):
        Vault(tmp_path / "c" / "key").opened(closed)
    with pytest.raises(KeyLost):
        Vault(tmp_path / "b" / "key", key).opened("nothing")


@pytest.mark.parametrize("content", ["", "short", "é" * 44])
def test_a_broken_key_is_told_and_never_replaced(tmp_path: Path, content: str) -> None:
    file = tmp_path / "key"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(Refused, match="壊れています"):
        Vault(file).closed("secret")
    assert file.read_text(encoding="utf-8") == content
    with pytest.raises(Refused, match="TETSUZUKI_ACCOUNTS_KEY"):
        Vault(file, "no key").closed("secret")
