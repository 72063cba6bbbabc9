"""The frame of the residents' pages, and the error page.

A page is one class per template, saying exactly what the template may read, and a pure function that makes it from an
edition's items and a guidance. No class holds a sentence: words are in the templates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from service.guidance.municipality import Municipality


@dataclass(frozen=True, slots=True)
class PreviewMark:
    """What the pages of a preview say on top: the edition, and when it becomes public if that is set."""

    number: int
    title: str
    comes: datetime | None = None

    @property
    def root(self) -> str:
        """Where the addresses of the preview begin."""
        return f"/preview/{self.number}"


@dataclass(frozen=True, kw_only=True)
class CitizenPage:
    """What every page of residents has. `private` pages carry answers: neither indexed nor stored."""

    template: ClassVar[str]
    private: ClassVar[bool] = False
    current: ClassVar[str] = ""

    city: Municipality
    preview: PreviewMark | None = None


@dataclass(frozen=True, kw_only=True)
class ErrorPage(CitizenPage):
    """What went wrong and what to do; `message` where it helps the resident, `retry_url` where trying again does.

    `typed`: the code that opened nothing, to be corrected; None where the address is of something else.
    `other_content`: nothing is wrong with its letters, but it was made from content that is not here.
    `busy_seconds`: after how long to try again where too many ask at once; None where that is not the reason.
    """

    template: ClassVar[str] = "citizen/error.html"
    private: ClassVar[bool] = True

    status: int
    message: str | None = None
    retry_url: str | None = None
    reference: str | None = None
    typed: str | None = None
    other_content: bool = False
    busy_seconds: int | None = None
