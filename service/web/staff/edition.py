"""The page of one edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.analysis.impact import Effect
from service.content.models import Edition
from service.diff_text.history import ChangeText
from service.editions import findings, preview_links
from service.editions.reviews import Review
from service.errors import GuideError
from service.web.previews import Number
from service.web.staff import context, effects, rows
from service.web.staff.context import Staff, StaffContext
from service.web.staff.layout import EditionPage, Standing
from service.web.staff.rows import Counts

router = APIRouter(include_in_schema=False)


RECENT = 8
MOST_SENTENCES = 30
PROVED: tuple[Standing, ...] = ("draft", "waiting", "live")
"""Editions whose findings somebody can still act upon: their page looks for them unasked."""
Act = Literal["discard", "withdraw", "rollback", "archive", "bring_back"]
ACTS_OF: Mapping[Standing, tuple[Act, ...]] = {
    "draft": ("discard",),
    "live": (),
    "waiting": ("withdraw",),
    "past": ("rollback", "archive"),
    "withdrawn": ("archive",),
    "discarded": ("archive",),
}
"""What can be done with an edition beside forking and comparing it."""


@dataclass(frozen=True, kw_only=True)
class OneEditionPage(EditionPage):
    """One edition: what it changes, what stands against it, what was done with it, what can be done.

    `review` compares it with its base; it is None without one, and for archived editions.
    """

    template: ClassVar[str] = "staff/edition.html"

    review: Review | None
    sentences: Sequence[str]
    effects: Sequence[Effect]
    found: Counts | None
    people: Sequence[str]
    recent: Sequence[ChangeText]
    acts: Sequence[Act]
    is_previewed: bool


@router.get("/staff/editions/{number}")
async def show(request: Request, number: Number, actor: Staff, done: str = "") -> Response:
    """One edition."""
    return context.respond(await edition_page(context.visit(request, actor), number, done=done))


async def edition_page(
    visit: StaffContext, number: int, *, done: str = "", refusal: GuideError | None = None
) -> OneEditionPage:
    """The page of an edition. Errors: NotFound."""
    about = await context.about(visit, number)
    edition = about.edition
    around = await visit.around()
    recent, people = await rows.lately(visit, number, around=around, most=RECENT)
    review = await visit.reviewer.review(edition.base, number) if edition.base and not edition.archived else None
    proved = [edition] if about.standing in PROVED and not edition.archived else []
    found = (await findings.soon(visit.graph, proved, seconds=rows.PATIENCE_SECONDS)).get(number)
    return OneEditionPage(
        frame=visit.frame,
        about=about,
        done=done,
        refusal=refusal,
        review=review,
        sentences=[difference.sentence for difference in review.content[:MOST_SENTENCES]] if review else [],
        effects=await effects.effects(visit, review),
        found=rows.counts(found) if found is not None else None,
        people=people,
        recent=recent,
        acts=acts_of(edition, about.standing),
        is_previewed=preview_links.is_previewed(edition),
    )


def acts_of(edition: Edition, state: Standing) -> tuple[Act, ...]:
    """An archived edition can be brought back, and then all else again; rolling back to it needs no bringing back."""
    if not edition.archived:
        return ACTS_OF[state]
    return ("rollback", "bring_back") if state == "past" else ("bring_back",)
