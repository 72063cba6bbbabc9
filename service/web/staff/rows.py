"""An edition in a list, and what was done with it lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.analysis.findings import Finding
from service.content.models import Edition
from service.diff_text import history as history_text
from service.diff_text.history import ChangeText
from service.editions import findings, history
from service.store import editions
from service.web.staff import context
from service.web.staff.context import StaffContext
from service.web.staff.layout import Standing

LOOKED_BACK = 60
PATIENCE_SECONDS = 1.2


@dataclass(frozen=True, slots=True)
class Counts:
    """How many findings of each severity an edition has, and how many of its scenarios are not as they should be."""

    blocking: int
    warnings: int
    hints: int
    red: int

    @property
    def total(self) -> int:
        """All findings, the hints not counted."""
        return self.blocking + self.warnings


def counts(found: Sequence[Finding]) -> Counts:
    """The findings counted."""
    severities = [finding.severity for finding in found]
    return Counts(
        severities.count("blocking"),
        severities.count("warning"),
        severities.count("hint"),
        sum(finding.code == findings.FAILS for finding in found),
    )


@dataclass(frozen=True, slots=True)
class EditionRow:
    """An edition in a list, with what it is at this moment and who made it (or made it public)."""

    edition: Edition
    standing: Standing
    who: str


def row(edition: Edition, live: Edition | None, around: history_text.Around) -> EditionRow:
    """The edition in a list; `live` is the one that residents see."""
    who = edition.published_by if edition.state == "published" else edition.created_by
    return EditionRow(edition, context.standing(edition, live), history_text.person(who, around.people))


async def rows(visit: StaffContext) -> list[EditionRow]:
    """Every edition, the newest first."""
    live, around = await editions.live(visit.graph.latest), await visit.around()
    return [row(edition, live, around) for edition in await editions.shown(visit.graph.latest)]


def choices(rows: Sequence[EditionRow]) -> list[EditionRow]:
    """What is offered in lists of choices: all but the archived ones, which have pages of their own."""
    return [row for row in rows if not row.edition.archived]


async def lately(
    visit: StaffContext, number: int, *, around: history_text.Around, most: int
) -> tuple[list[ChangeText], tuple[str, ...]]:
    """The last things that were done with an edition, told, and everybody who did something lately."""
    changes = await history.page(visit.graph.latest, history.Filter(edition=number), most=LOOKED_BACK)
    people = dict.fromkeys(history_text.person(change.get("by"), around.people) for change in changes)
    return [history_text.told(change, around) for change in changes[:most]], tuple(people)
