"""A visit of an official: who it is, what pages are made from, and how they are answered."""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service import clock
from service.accounts.permissions import Actor, Permission
from service.content.models import Answer, Edition
from service.diff_text import history as history_text
from service.editions.reviews import Reviewer
from service.editions.service import EditionService
from service.errors import GuideError
from service.guidance.answers import Query, write_address
from service.guidance.service import GuidanceService
from service.store import editions
from service.store.graph import Graph
from service.web import rendering
from service.web.middleware import FETCHING_POLICY
from service.web.staff import auth
from service.web.staff.auth import NO_STORE, Posted
from service.web.staff.layout import About, FormPage, Frame, StaffPage, Standing

FAILED = 500
MOST_DIGITS = 15

Staff = Annotated[Actor, Depends(auth.staff)]
Form = Annotated[Posted, Depends(auth.posted)]


@dataclass(frozen=True, slots=True)
class StaffContext:
    """What a page is made from, and the service through which all that is written is written."""

    service: EditionService
    actor: Actor
    frame: Frame

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


def visit(request: Request, actor: Actor) -> StaffContext:
    """The visit that a request is part of. Errors: Forbidden for who may not read."""
    actor.needs(Permission.READ)
    return StaffContext(request.app.state.editions, actor, frame(request, actor))


def frame(request: Request, actor: Actor | None, *, form_token: str = "") -> Frame:
    """What stands around the pages of this request; the token of its forms is that of who is in, or this one."""
    guidance_service: GuidanceService = request.app.state.guidance_service
    return Frame(city=guidance_service.city, actor=actor, form_token=auth.form_token(request) if actor else form_token)


def respond(page: StaffPage) -> Response:
    """The page as an answer, which nobody keeps."""
    headers = NO_STORE | ({"Content-Security-Policy": FETCHING_POLICY} if page.fetches else {})
    return HTMLResponse(rendering.render(page), page.status if isinstance(page, FormPage) else 200, headers)


async def again(error: GuideError, page: FormPage | Awaitable[FormPage]) -> Response:
    """The page of a form whose wish was refused, in words and with all that was typed.

    What is no refusal (the service itself failed) is told like everywhere else.
    """
    if error.status >= FAILED:
        if isinstance(page, Coroutine):
            page.close()
        raise error
    return respond(page if isinstance(page, FormPage) else await page)


def onward(address: str) -> Response:
    """On to another page, after something was done."""
    return RedirectResponse(address, 303, NO_STORE)


def number(text: str) -> int | None:
    """The number that a field holds, also in full-width digits; None for none and for what is no number."""
    digits = unicodedata.normalize("NFKC", text).strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS else None


def standing(edition: Edition, live: Edition | None) -> Standing:
    """What an edition is at this moment: what is published is live, waits, or was live before."""
    if edition.state == "published":
        if live is not None and live.number == edition.number:
            return "live"
        return "waiting" if edition.waits(clock.now()) else "past"
    if edition.state == "withdrawn":
        return "withdrawn"
    return "draft" if edition.state == "draft" else "discarded"


async def about(visit: StaffContext, number: int) -> About:
    """The edition that a page is about. Errors: NotFound."""
    reads = visit.graph.latest
    edition = await editions.numbered(reads, number)
    live = await editions.live(reads)
    base = await editions.numbered(reads, edition.base) if edition.base else None
    return About(edition, standing(edition, live), base, live)


async def is_draft(visit: StaffContext, number: int) -> bool:
    """Whether the edition can still be changed. Errors: NotFound."""
    return (await editions.numbered(visit.graph.latest, number)).state == "draft"


def household_address(event: str, answers: tuple[Answer, ...]) -> str:
    """The query string of a household's guidance under one life event."""
    return write_address(Query((event,), answers))
