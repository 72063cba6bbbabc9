"""The staff's pages as plain data: what all of them have, the way in, and the links to previews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlsplit

from service.accounts.permissions import Actor
from service.content.models import Edition
from service.editions.preview_links import Link
from service.guidance.municipality import Municipality
from service.web.staff.auth import NAMES


@dataclass(frozen=True, kw_only=True)
class StaffPage:
    """What every page of staff has: who reads it, and the token for the forms on it. `current` marks the menu."""

    template: ClassVar[str]
    current: ClassVar[str] = ""

    city: Municipality
    actor: Actor | None
    form_token: str = ""


@dataclass(frozen=True, kw_only=True)
class EnterPage(StaffPage):
    """The way in from a one-time link: a button, so that programs which only look at links do not use it up."""

    template: ClassVar[str] = "staff/enter.html"

    token: str


@dataclass(frozen=True, kw_only=True)
class PreviewsPage(StaffPage):
    """The links to the preview of an edition.

    `made` is the address of a new one, which is shown this once; `only_here`: no other machine can open it.
    """

    template: ClassVar[str] = "staff/previews.html"

    edition: Edition
    links: Sequence[Link]
    states: Mapping[str, str]
    days: int
    most_days: int
    most_note: int
    made: str | None = None
    only_here: bool = False


@dataclass(frozen=True, kw_only=True)
class PreviewEndedPage(StaffPage):
    """What staff read where a preview was."""

    template: ClassVar[str] = "staff/preview_ended.html"

    edition: Edition


def previews_page(
    page: StaffPage,
    edition: Edition,
    *,
    links: Sequence[Link],
    days: int,
    most: tuple[int, int],
    now: datetime,
    made: str | None = None,
) -> PreviewsPage:
    """The page of the links; `most` is how many days a link may have, and how long a note may be."""
    return PreviewsPage(
        city=page.city,
        actor=page.actor,
        form_token=page.form_token,
        edition=edition,
        links=links,
        days=days,
        states={link.id: link.state(now) for link in links},
        most_days=most[0],
        most_note=most[1],
        made=made,
        only_here=made is not None and urlsplit(made).hostname in NAMES,
    )
