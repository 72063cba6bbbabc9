"""The kinds of arguments that several commands take, each refused in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from service import clock

MOST_NUMBER = 2**53
"""Numbers of editions have to survive a reader of JSON that knows only doubles."""


class EditionNumber(click.ParamType[Any]):
    """The number of an edition."""

    name = "N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number, from 1."""
        text = str(value)
        if not (text.isascii() and text.isdecimal() and 0 < int(text[:19]) < MOST_NUMBER):
            self.fail(f"{text} は版の番号ではありません", param, ctx)
        return int(text)


class EditionArgument(EditionNumber):
    """The number of an edition in digits, or `live`."""

    name = "N|live"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The digits, or `live`."""
        return value if value == "live" else str(super().convert(value, param, ctx))


class Pair(click.ParamType[Any]):
    """Two words with a sign between them, such as KEY=3."""

    def __init__(self, name: str, sign: str, *, right: tuple[str, ...] = ()) -> None:
        self.name = name
        self.sign = sign
        self.right = right

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """What stands left and right of the sign; right one of `right`, where that is given."""
        if isinstance(value, tuple):
            return value
        left, sign, right = str(value).rpartition(self.sign)
        if not left or not sign or (self.right and right not in self.right):
            self.fail(f"{value} は {self.name} の形ではありません", param, ctx)
        return left, right


class Revision(Pair):
    """The revision of an item that a save was made from."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The key and the number."""
        key, revision = super().convert(value, param, ctx)
        if not str(revision).isdecimal():
            self.fail(f"{value} は {self.name} の形ではありません", param, ctx)
        return key, int(revision)


class Moment(click.ParamType[datetime]):
    """A moment; without a time zone it is Japan's."""

    name = "YYYY-MM-DDTHH:MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, with its time zone."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} は日時ではありません（例：2027-04-01T00:00）", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=clock.TOKYO)
