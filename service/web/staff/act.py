"""The page that asks before something is done with an edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.analysis.impact import Effect
from service.content.models import Edition
from service.diff_text import differences
from service.editions import conflicts, requests
from service.editions.conflicts import Sides
from service.editions.drafts import InConflict
from service.editions.merging import Side
from service.editions.requests import Reason
from service.errors import GuideError
from service.store import editions
from service.web.previews import Number
from service.web.staff import context, effects
from service.web.staff.context import Form, Staff, StaffContext
from service.web.staff.edition import Act, acts_of, edition_page
from service.web.staff.layout import About, EditionPage

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class ActPage(EditionPage):
    """Asks before something is done with an edition: what it means, and why it is done.

    `sides` are in conflict with the scheduled edition `against`; `decided` is what was decided of others before.
    """

    template: ClassVar[str] = "staff/act.html"

    act: Act
    note: str
    changes: str
    effects: Sequence[Effect]
    sides: Sequence[Sides]
    decided: Mapping[str, Side]
    against: Edition | None


@router.get("/staff/editions/{number}/act/{act}")
async def show(request: Request, number: Number, act: Act, actor: Staff) -> Response:
    """Asks before something is done with an edition; on to the edition where that cannot be done."""
    page = await act_page(context.visit(request, actor), number, act=act)
    return context.respond(page) if page else context.onward(f"/staff/editions/{number}")


@router.post("/staff/editions/{number}/act/{act}")
async def submit(request: Request, number: Number, act: Act, form: Form) -> Response:
    """Discards, withdraws, rolls back, archives or brings back."""
    visit, note = context.visit(request, form.actor), form.get("note")
    chosen = conflicts.decided(form.fields)
    try:
        led = await _do(visit, number, act=act, note=note, chosen=chosen)
    except GuideError as error:
        page = await act_page(visit, number, act=act, note=note, chosen=chosen, refusal=error)
        return await context.again(error, page or await edition_page(visit, number, refusal=error))
    return context.onward(f"/staff/editions/{led}?done={act}")


async def _do(visit: StaffContext, number: int, *, act: Act, note: str, chosen: Mapping[str, Side]) -> int:
    """Does it; returns the number of the edition that tells of it."""
    service, by = visit.service, visit.actor
    if act == "archive":
        return (await service.archive(number, by=by)).number
    if act == "bring_back":
        return (await service.bring_back(number, by=by)).number
    reason = requests.read(Reason, {"note": note, "decided": chosen})
    write = {"discard": service.discard, "withdraw": service.withdraw, "rollback": service.roll_back}[act]
    return (await write(number, reason, by=by)).number


async def act_page(
    visit: StaffContext,
    number: int,
    *,
    act: Act,
    note: str = "",
    chosen: Mapping[str, Side] | None = None,
    refusal: GuideError | None = None,
) -> ActPage | None:
    """The page that asks first; None where that cannot be done with this edition (any more)."""
    about = await context.about(visit, number)
    if refusal is None and act not in acts_of(about.edition, about.standing):
        return None
    old, new = _compared(about, act)
    review = await visit.reviewer.review(old, new) if old and new else None
    conflict = refusal if isinstance(refusal, InConflict) else None
    called = await visit.reviewer.names(about.edition) if conflict else {}
    sides = conflicts.with_scheduled(conflict, names=called, chosen=chosen)
    return ActPage(
        frame=visit.frame,
        about=about,
        refusal=refusal,
        act=act,
        note=note,
        changes=differences.summary(review.content) if review else "",
        effects=await effects.effects(visit, review),
        sides=sides,
        decided=conflicts.elsewhere(chosen, sides),
        against=await editions.numbered(visit.graph.latest, conflict.number) if conflict else None,
    )


def _compared(about: About, act: Act) -> tuple[int | None, int | None]:
    """Which two editions tell what an act means, if two do: what is given up, or what residents will find."""
    edition, live = about.edition, about.live
    if act == "rollback":
        return (live.number if live else None), edition.number
    return (edition.base, edition.number) if act in {"discard", "withdraw"} else (None, None)
