"""What a change means for residents, as pages show it."""

from __future__ import annotations

from collections.abc import Sequence

from service.analysis import impact
from service.analysis.impact import Effect
from service.diff_text import differences
from service.editions.reviews import Review
from service.web.staff import context
from service.web.staff.context import StaffContext


async def effects(visit: StaffContext, review: Review | None) -> Sequence[Effect]:
    """What residents see otherwise, one entry a life event; nothing without a comparison."""
    if review is None:
        return ()
    called = differences.names(*[(await visit.reviewer.content(edition))[1] for edition in (review.old, review.new)])
    return impact.effects(review.residents, called, context.household_address)
