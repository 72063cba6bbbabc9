"""The page of merging: what was published since a draft was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from service.content.models import Edition
from service.diff_text import differences
from service.editions import conflicts, requests
from service.editions.conflicts import Sides
from service.editions.merging import Side
from service.editions.requests import Merging
from service.errors import GuideError, InvalidRequest
from service.web.previews import Number
from service.web.staff import context
from service.web.staff.context import Form, Staff, StaffContext
from service.web.staff.edition import edition_page
from service.web.staff.layout import EditionPage

router = APIRouter(include_in_schema=False)


MOST_SENTENCES = 40
Onto = Annotated[int | None, Query(ge=1, lt=2**53)]


@dataclass(frozen=True, kw_only=True)
class MergePage(EditionPage):
    """What was published since a draft was made, and what has to be decided before it is brought in."""

    template: ClassVar[str] = "staff/merge.html"

    target: Edition
    sentences: Sequence[str]
    changes: str
    sides: Sequence[Sides]
    note: str


@router.get("/staff/editions/{number}/merge")
async def show(request: Request, number: Number, actor: Staff, onto: Onto = None) -> Response:
    """What was published since a draft was made; on to the draft where that is nothing."""
    page = await merge_page(context.visit(request, actor), number, onto=onto)
    return context.respond(page) if page else context.onward(f"/staff/editions/{number}")


@router.post("/staff/editions/{number}/merge")
async def submit(request: Request, number: Number, form: Form) -> Response:
    """Brings it in, every conflict decided."""
    visit, onto, note = context.visit(request, form.actor), context.number(form.get("onto")), form.get("note")
    chosen, revision = conflicts.decided(form.fields), context.number(form.get("revision"))
    fields = {"onto": onto, "decided": chosen, "revision": revision, "note": note}
    try:
        if onto is None or revision is None:
            raise InvalidRequest("どの版のどの改訂に合流させるかを読み取れません。画面を開き直してください。")
        await visit.service.merge(number, requests.read(Merging, fields), by=form.actor)
    except GuideError as error:
        page = await merge_page(visit, number, onto=onto, chosen=chosen, note=note, refusal=error)
        return await context.again(error, page or await edition_page(visit, number, refusal=error))
    return context.onward(f"/staff/editions/{number}?done=merged")


async def merge_page(
    visit: StaffContext,
    number: int,
    *,
    onto: int | None,
    chosen: Mapping[str, Side] | None = None,
    note: str = "",
    refusal: GuideError | None = None,
) -> MergePage | None:
    """The page of merging; None where there is nothing to merge with (any more). Errors: NotFound."""
    about, preview = await context.about(visit, number), await visit.service.merge_preview(number, onto=onto)
    if preview.target is None:
        return None
    return MergePage(
        frame=visit.frame,
        about=about,
        refusal=refusal,
        target=preview.target,
        sentences=[difference.sentence for difference in preview.content[:MOST_SENTENCES]],
        changes=differences.summary(preview.content),
        note=note,
        sides=conflicts.sides(preview.conflicts, names=preview.names, chosen=chosen),
    )
