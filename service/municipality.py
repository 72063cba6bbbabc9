"""The municipality that the guide speaks for: its names and how to reach it, from one YAML file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from service.deadlines import OpeningDays
from service.errors import InvalidContent, Problem
from service.models import Day, Strict, Text, Url


class Municipality(Strict):
    """Names and contact. What is absent is unknown, and residents read 要確認 in its place.

    `desk` is the window that helps with this guide; `support_*` is who answers questions about using it; `closed_days`
    and `open_days` are exceptions to weekends, holidays and the year-end closing.
    """

    name: Text
    prefecture: Text | None = None
    hall: Text
    address: Text
    desk: Text
    phone: Text | None = None
    email: Text | None = None
    hours: Text | None = None
    support_phone: Text | None = None
    support_email: Text | None = None
    support_hours: Text | None = None
    site_url: Url | None = None
    closed_days: list[Day] = []
    open_days: list[Day] = []

    @property
    def calendar(self) -> OpeningDays:
        """When the city hall is open: Japan's rules with the city's exceptions."""
        return OpeningDays(
            closed_days=frozenset(date.fromisoformat(day) for day in self.closed_days),
            open_days=frozenset(date.fromisoformat(day) for day in self.open_days),
        )


def read(path: Path) -> Municipality:
    """The municipality that the file describes; InvalidContent names every field that is wrong or missing."""
    try:
        found = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        return Municipality.model_validate(found)
    except (OSError, YAMLError) as error:
        raise InvalidContent([Problem(f"自治体の設定を読めません：{error}", file=str(path))]) from error
    except ValidationError as error:
        raise InvalidContent([_problem(one, path=path) for one in error.errors()]) from error


def _problem(one: object, *, path: Path) -> Problem:
    assert isinstance(one, dict)
    place = "".join(f"/{part}" for part in one["loc"])
    return Problem(str(one["msg"]), path=place, file=str(path))
