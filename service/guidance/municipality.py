"""The municipality that the guide speaks for: its names and how to reach it, from one YAML file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import Field, ValidationError

from service.content.field_errors import told
from service.content.models import Day, Strict, Text, Url
from service.content.reading import pointer, read_source
from service.errors import InvalidContent, Problem
from service.guidance.deadlines import OpeningDays


class Municipality(Strict):
    """Names and contact. What is absent is unknown, and is not shown.

    `desk` is the window that helps with this guide; `support_*` is who answers questions about using it; `closed_days`
    and `open_days` are exceptions to weekends, holidays and the year-end closing.
    """

    name: Text
    prefecture: Text | None = None
    hall: Text
    address: Text
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
        source = read_source(path.read_bytes(), path.name)
        return Municipality.model_validate(source.value)
    except OSError as error:
        raise InvalidContent([Problem(f"自治体の設定を読めません：{error.strerror}", file=str(path))]) from error
    except ValidationError as error:
        problems = [
            Problem(message, path=pointer(field_path), file=str(path))
            for field_path, message in told(error, Municipality)
        ]
        raise InvalidContent(problems) from error
