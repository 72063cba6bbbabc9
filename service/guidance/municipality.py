"""The municipality that the guide speaks for: its names and how to reach it, from one YAML file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator

from service.content.field_errors import told
from service.content.models import Day, Strict, Text, Url
from service.content.reading import pointer, read_file
from service.errors import InvalidContent, Problem
from service.guidance.deadlines import OpeningDays

_HALLS = {"市": "役所", "区": "役所", "町": "役場", "村": "役場"}
_ANY_HALL = "役所・役場"


class Municipality(Strict):
    """Names and contact. What is absent is unknown, and is not shown; every field may be.

    `hall` is called after the name where nothing is said. `desk` is the window that helps with this guide; `support_*`
    is who answers questions about using it; `closed_days` and `open_days` are exceptions to weekends, holidays and the
    year-end closing.
    """

    name: Text | None = None
    reading: Text | None = None
    prefecture: Text | None = None
    hall: Text
    address: Text | None = None
    desk: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    hours: Text | None = None
    support_phone: Text | None = None
    support_email: Text | None = None
    support_hours: Text | None = None
    site_url: Url | None = None
    closed_days: list[Day] = Field(default=[])
    open_days: list[Day] = Field(default=[])

    @model_validator(mode="before")
    @classmethod
    def _hall_by_name(cls, value: Any) -> Any:
        """The hall of a municipality has the name of that, by the kind of municipality that its last sign says."""
        if not isinstance(value, dict) or value.get("hall") is not None:
            return value
        name = value.get("name")
        kind = _HALLS.get(name[-1:]) if isinstance(name, str) else None
        return {**value, "hall": f"{name}{kind}" if kind else _ANY_HALL}

    @property
    def guide(self) -> str:
        """What the guide is called."""
        return f"{self.name} 手続きガイド" if self.name else "手続きガイド"

    @property
    def counter(self) -> str:
        """Where residents ask: the desk in the hall, or the hall where no desk is known."""
        return f"{self.hall} {self.desk}" if self.desk else self.hall

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
        source = read_file(path.read_bytes(), path.name)
        return Municipality.model_validate({} if source.value is None else source.value)
    except OSError as error:
        raise InvalidContent([Problem(f"自治体の設定を読めません：{error.strerror}", file=str(path))]) from error
    except ValidationError as error:
        problems = [
            Problem(message, path=pointer(field_path), file=str(path))
            for field_path, message in told(error, Municipality)
        ]
        raise InvalidContent(problems) from error
