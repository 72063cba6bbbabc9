"""The page of what is wrong with an edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.analysis.findings import ORDER, Finding, Severity
from service.editions import findings
from service.guidance import answers
from service.guidance.answers import Query
from service.web.previews import Number
from service.web.staff import context, households
from service.web.staff.context import Staff, StaffContext
from service.web.staff.layout import EditionPage

router = APIRouter(include_in_schema=False)


PATIENCE_SECONDS = 3.0
"""How long a page waits for all findings before it shows those that there are."""


@dataclass(frozen=True, slots=True)
class NamedItem:
    """An item that a finding is about; an option leads to its question."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding with its items, and the answers of its household as an address (None without one) and in words."""

    finding: Finding
    items: tuple[NamedItem, ...]
    household: str | None
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SameKind:
    """All findings of one kind with the same advice: what to do is said once."""

    code: str
    severity: Severity
    found: tuple[ShownFinding, ...]


@dataclass(frozen=True, kw_only=True)
class FindingsPage(EditionPage):
    """What is wrong with an edition, by severity; `opens` is where its residents' pages begin, if anywhere.

    `left` checks of a large edition are still at work: the page says so, and shows more when it is opened again.
    """

    template: ClassVar[str] = "staff/findings.html"

    groups: Mapping[Severity, Sequence[SameKind]]
    sizes: Mapping[Severity, int]
    left: int
    opens: str | None


@router.get("/staff/editions/{number}/findings")
async def show(request: Request, number: Number, actor: Staff) -> Response:
    """What is wrong with an edition."""
    return context.respond(await findings_page(context.visit(request, actor), number))


async def findings_page(visit: StaffContext, number: int, *, done: str = "") -> FindingsPage:
    """The page of what is wrong. Errors: NotFound, Archived, Unavailable."""
    about = await context.about(visit, number)
    every, left = await findings.so_far(visit.graph, about.edition, seconds=PATIENCE_SECONDS)
    names = await visit.reviewer.names(about.edition)
    groups: dict[Severity, list[SameKind]] = {severity: [] for severity in ORDER}
    kinds: dict[tuple[Severity, str, str], list[ShownFinding]] = {}
    for finding in every:
        kinds.setdefault((finding.severity, finding.code, finding.advice), []).append(_shown(finding, names))
    for (severity, code, _), same in kinds.items():
        groups[severity].append(SameKind(code, severity, tuple(same)))
    return FindingsPage(
        frame=visit.frame,
        about=about,
        done=done,
        groups=groups,
        left=left,
        opens=households.opens(about.edition, about.standing),
        sizes={severity: sum(finding.severity == severity for finding in every) for severity in ORDER},
    )


def _shown(finding: Finding, names: Mapping[str, str]) -> ShownFinding:
    keys = dict.fromkeys(key.partition("/")[0] for key in finding.keys)
    items = tuple(NamedItem(key, names.get(key, key)) for key in keys if key in names)
    if finding.witness is None or finding.event is None:
        return ShownFinding(finding, items, None, ())
    household = answers.write_address(Query((finding.event,), finding.witness))
    return ShownFinding(finding, items, household, households.said((finding.event,), finding.witness, names=names))
