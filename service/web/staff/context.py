"""A visit of an official to the pages of editions: who it is, what the pages are made from, and what they share."""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service import clock
from service.accounts.permissions import Actor
from service.content.models import Answer, Edition
from service.diff_text import history as history_text
from service.editions.reviews import Reviewer
from service.editions.service import EditionService
from service.errors import GuideError
from service.guidance.answers import Query, write_address
from service.store import editions
from service.store.graph import Graph
from service.web import rendering
from service.web.staff import auth
from service.web.staff.auth import NO_STORE
from service.web.staff.layout import StaffPage

FAILED = 500

Standing = Literal["draft", "live", "waiting", "past", "withdrawn", "discarded"]


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page is made from, and the service through which all that is written is written."""

    service: EditionService
    frame: dict[str, Any]
    """The fields of `StaffPage`, for every page of the visit."""

    @property
    def graph(self) -> Graph:
        """Where pages read."""
        return self.service.graph

    @property
    def reviewer(self) -> Reviewer:
        """What compares editions."""
        return self.service.reviewer

    @property
    def second_person(self) -> bool:
        """Whether the last editor of a draft may not publish it."""
        return self.service.second_person

    async def around(self) -> history_text.Around:
        """What the sentences of the history name."""
        return await self.service.around()

    @property
    def actor(self) -> Actor:
        """Who it is."""
        actor: Actor = self.frame["actor"]
        return actor


@dataclass(frozen=True, kw_only=True)
class FormPage(StaffPage):
    """A page with a form: `refusal` is why what was sent is not done, `done` the name of what just was."""

    refusal: GuideError | None = None
    done: str = ""

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return self.refusal.status if self.refusal else 200


@dataclass(frozen=True, kw_only=True)
class EditionPage(FormPage):
    """A page about one edition; `base` is the edition that it was made from, `live` the one that residents see."""

    current: ClassVar[str] = "editions"

    edition: Edition
    standing: Standing
    base: Edition | None
    live: Edition | None

    @property
    def behind(self) -> bool:
        """Whether something was published since this draft was made, so that it has to be merged."""
        if self.standing != "draft" or self.live is None:
            return False
        return self.base is None or self.base.number != self.live.number


def visit(request: Request, actor: Actor) -> Visit:
    """The visit that a request is part of."""
    frame = {
        "city": request.app.state.reception.city,
        "actor": actor,
        "form_token": auth.form_token(request),
    }
    return Visit(request.app.state.editions, frame)


def shown(page: FormPage) -> Response:
    """The page as an answer, which nobody keeps."""
    return HTMLResponse(rendering.render(page), page.status, NO_STORE)


async def again(error: GuideError, page: FormPage | Awaitable[FormPage]) -> Response:
    """The page of a form whose wish was refused, in words and with all that was typed.

    What is no refusal (the service itself failed) is told like everywhere else.
    """
    if error.status >= FAILED:
        if isinstance(page, Coroutine):
            page.close()
        raise error
    return shown(page if isinstance(page, FormPage) else await page)


def onward(address: str) -> Response:
    """On to another page, after something was done."""
    return RedirectResponse(address, 303, NO_STORE)


def standing(edition: Edition, live: Edition | None) -> Standing:
    """What an edition is at this moment: what is published is live, waits, or was live before."""
    if edition.state == "published":
        if live is not None and live.number == edition.number:
            return "live"
        due = edition.published_at
        return "waiting" if edition.scheduled and due is not None and due > clock.now() else "past"
    if edition.state == "withdrawn":
        return "withdrawn"
    return "draft" if edition.state == "draft" else "discarded"


async def about(visit: Visit, number: int) -> dict[str, Any]:
    """The fields of `EditionPage`. Errors: NotFound."""
    reads = visit.graph.latest
    edition = await editions.numbered(reads, number)
    live = await editions.live(reads)
    base = await editions.numbered(reads, edition.base) if edition.base else None
    return visit.frame | {"edition": edition, "standing": standing(edition, live), "base": base, "live": live}


def household_address(event: str, answers: tuple[Answer, ...]) -> str:
    """The query string of a household's guidance under one life event."""
    return write_address(Query((event,), answers))
