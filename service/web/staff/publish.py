"""The page of publishing: what stands against it, what it changes, and when it is to be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service import clock
from service.analysis.impact import Effect
from service.content.models import Edition
from service.diff_text import differences
from service.editions import conflicts, requests
from service.editions.conflicts import Sides
from service.editions.drafts import InConflict
from service.editions.merging import Side
from service.editions.publishing import Readiness
from service.editions.requests import Publication
from service.errors import GuideError, InvalidRequest
from service.store import editions
from service.web.previews import Number
from service.web.staff import context, effects
from service.web.staff.auth import Posted
from service.web.staff.context import Form, Staff, StaffContext
from service.web.staff.edition import edition_page
from service.web.staff.layout import EditionPage

router = APIRouter(include_in_schema=False)


MOST_SENTENCES = 40
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


@dataclass(frozen=True, slots=True)
class TypedPublication:
    """What was typed into the form of publishing, as it was typed."""

    seen: str = ""
    when: str = "now"
    day: str = ""
    time: str = "00:00"
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class PublishPage(EditionPage):
    """Whether a draft can be published, what that changes, and the form that does it.

    `seen` is the hash of the draft whose comparison the page shows; `sides` are in conflict with the scheduled edition
    `against`, `decided` is what was decided of others before; `onto` has to be merged first, if anything.
    """

    template: ClassVar[str] = "staff/publish.html"

    ready: Readiness
    wanted: TypedPublication
    seen: str
    sentences: Sequence[str]
    changes: str
    effects: Sequence[Effect]
    is_own: bool
    sides: Sequence[Sides]
    decided: Mapping[str, Side]
    against: Edition | None
    onto: int | None
    today: date

    @property
    def can_publish(self) -> bool:
        """Whether nothing stands against it that the page knows of."""
        return self.ready.is_ready and not self.is_own


@router.get("/staff/editions/{number}/publish")
async def show(request: Request, number: Number, actor: Staff) -> Response:
    """What stands against publishing a draft, what that changes, and the form; on to the edition that is no draft."""
    visit = context.visit(request, actor)
    if not await context.is_draft(visit, number):
        return context.onward(f"/staff/editions/{number}")
    return context.respond(await publish_page(visit, number))


@router.post("/staff/editions/{number}/publish")
async def submit(request: Request, number: Number, form: Form) -> Response:
    """Publishes a draft, now or at a set time."""
    visit, typed, chosen = context.visit(request, form.actor), wanted(form), conflicts.decided(form.fields)
    try:
        at = moment(typed)
        fields = {"seen": typed.seen, "at": at, "note": typed.note, "decided": chosen}
        await visit.service.publish(number, requests.read(Publication, fields), by=form.actor)
    except GuideError as error:
        if not await context.is_draft(visit, number):
            return await context.again(error, edition_page(visit, number, refusal=error))
        page = publish_page(visit, number, typed=typed, chosen=chosen, refusal=error)
        return await context.again(error, page)
    return context.onward(f"/staff/editions/{number}?done={'scheduled' if at else 'published'}")


def wanted(form: Posted) -> TypedPublication:
    """What the form says."""
    return TypedPublication(*(form.get(name) for name in ("seen", "when", "day", "time", "note")))


def moment(wanted: TypedPublication) -> datetime | None:
    """The moment of a schedule, in Japan's time; None for now. Errors: InvalidRequest."""
    if wanted.when not in {"", "now", "later"}:
        raise InvalidRequest("いま公開するか、日時を決めて公開するかを選んでください。", where="/when")
    if wanted.when != "later":
        return None
    clock_time = _TIME.fullmatch(wanted.time.strip())
    try:
        day = date.fromisoformat(wanted.day.strip())
    except ValueError:
        raise InvalidRequest("公開する日を、2027-04-01 の形で書いてください。", where="/day") from None
    if clock_time is None:
        raise InvalidRequest("公開する時刻を、09:00 の形で書いてください。", where="/time")
    return datetime.combine(day, time(int(clock_time[1]), int(clock_time[2])), clock.TOKYO)


async def publish_page(
    visit: StaffContext,
    number: int,
    *,
    typed: TypedPublication | None = None,
    chosen: Mapping[str, Side] | None = None,
    refusal: GuideError | None = None,
) -> PublishPage:
    """The page of publishing; with what was typed and why it was refused. Errors: NotFound, Refused (no draft)."""
    about, at = await context.about(visit, number), _moment_or_now(typed)
    ready = await visit.service.readiness(number, at=at)
    review = await visit.reviewer.review(ready.before.number, number) if ready.before else None
    called = await visit.reviewer.names(*_both(ready))
    conflict = refusal if isinstance(refusal, InConflict) else None
    sides = conflicts.with_scheduled(conflict, names=called, chosen=chosen)
    return PublishPage(
        frame=visit.frame,
        about=about,
        refusal=refusal,
        ready=ready,
        wanted=typed or TypedPublication(),
        seen=ready.draft.content_hash or "",
        sentences=[difference.sentence for difference in review.content[:MOST_SENTENCES]] if review else [],
        changes=differences.summary(review.content) if review else "",
        effects=await effects.effects(visit, review),
        is_own=visit.service.is_barred(ready, visit.actor),
        sides=sides,
        decided=conflicts.elsewhere(chosen, sides),
        against=await editions.numbered(visit.graph.latest, conflict.number) if conflict else None,
        onto=ready.before.number if ready.before and ready.behind else None,
        today=clock.today(),
    )


def _moment_or_now(typed: TypedPublication | None) -> datetime | None:
    """The moment that was typed, if it is one to come: the page then tells of that moment."""
    try:
        at = moment(typed) if typed else None
    except InvalidRequest:
        return None
    return at if at is not None and at > clock.now() else None


def _both(ready: Readiness) -> list[Edition]:
    return [edition for edition in (ready.before, ready.draft) if edition is not None]
