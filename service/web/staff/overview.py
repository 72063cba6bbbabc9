"""The page that staff begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content import registry
from service.content.models import Content, Edition
from service.diff_text import differences
from service.diff_text import history as history_text
from service.diff_text.history import ChangeText
from service.editions import findings, history
from service.errors import GuideError, Refused
from service.store import editions
from service.web.staff import context, rows
from service.web.staff.context import Staff, StaffContext
from service.web.staff.layout import FormPage
from service.web.staff.rows import Counts, EditionRow

router = APIRouter(include_in_schema=False)


RECENT = 8
MOST_DRAFTS = 12


@dataclass(frozen=True, slots=True)
class DraftRow:
    """An open draft on the overview; `found` is None as long as its findings are being looked for."""

    edition: Edition
    changes: str
    found: Counts | None
    people: tuple[str, ...]
    last: ChangeText | None
    is_behind: bool


@dataclass(frozen=True, kw_only=True)
class OverviewPage(FormPage):
    """What is live, what is scheduled, the open drafts, what was done last.

    `has_new_law`: the law that came with the program is not the one that the live edition lies on; `has_accounts`:
    somebody can sign in.
    """

    template: ClassVar[str] = "staff/overview.html"
    current: ClassVar[str] = "overview"

    live: EditionRow | None
    content: tuple[tuple[str, int], ...]
    scheduled: Sequence[Edition]
    drafts: Sequence[DraftRow]
    more_drafts: int
    recent: Sequence[ChangeText]
    has_new_law: bool
    has_accounts: bool


@router.get("/staff")
async def show(request: Request, actor: Staff) -> Response:
    """What is live, what is scheduled, the open drafts, what was done last."""
    return context.respond(await overview_page(context.visit(request, actor)))


async def overview_page(visit: StaffContext, *, refusal: GuideError | None = None) -> OverviewPage:
    """The page that staff begin with."""
    reads = visit.graph.latest
    live, around = await editions.live(reads), await visit.around()
    every = await editions.drafts(reads)
    drafts = every[:MOST_DRAFTS]
    found = await findings.soon(visit.graph, drafts, seconds=rows.PATIENCE_SECONDS)
    draft_rows = [await _draft(visit, one, live=live, found=found[one.number], around=around) for one in drafts]
    recent = await history.page(reads, history.Filter(), most=RECENT)
    return OverviewPage(
        frame=visit.frame,
        refusal=refusal,
        live=rows.row(live, live, around) if live else None,
        content=_sizes((await visit.reviewer.content(live))[0]) if live else (),
        scheduled=await editions.waiting(reads),
        drafts=draft_rows,
        more_drafts=len(every) - len(drafts),
        recent=[history_text.told(one, around) for one in recent],
        has_new_law=live is not None and await visit.service.has_new_law(live),
        has_accounts=bool(around.people),
    )


def _sizes(content: Content) -> tuple[tuple[str, int], ...]:
    """How many items of each kind there are."""
    return tuple((kind.name, len(getattr(content, name))) for name, kind in registry.current().lists.items())


async def _draft(
    visit: StaffContext,
    draft: Edition,
    *,
    live: Edition | None,
    found: findings.Found | None,
    around: history_text.Around,
) -> DraftRow:
    last, people = await rows.lately(visit, draft.number, around=around, most=1)
    try:
        review = await visit.reviewer.review(draft.base, draft.number) if draft.base else None
    except Refused:  # somebody saves it at this moment: the other drafts are to be seen all the same
        review = None
    return DraftRow(
        edition=draft,
        changes=differences.summary(review.content) if review else "",
        found=rows.counts(found) if found is not None else None,
        people=people,
        last=last[0] if last else None,
        is_behind=live is not None and draft.base != live.number,
    )
