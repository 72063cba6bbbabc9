"""The page that compares two editions, for content and for residents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, ClassVar

from fastapi import APIRouter, Request
from fastapi import Query as QueryParameter
from fastapi.responses import Response

from service.analysis import impact
from service.analysis.comparison import Change, EventComparison, Household, Presence
from service.content import registry
from service.content.models import Answer, Content, Edition, Outline
from service.diff_text import differences
from service.diff_text.differences import ItemDifference
from service.editions import preview_links
from service.guidance import codes
from service.guidance.answers import Query, write_address
from service.store import editions
from service.web.staff import context, households
from service.web.staff.context import Staff, StaffContext
from service.web.staff.layout import FormPage, Standing

router = APIRouter(include_in_schema=False)


MOST_OUTCOMES = 20
Given = Annotated[int, QueryParameter(ge=1, lt=2**53)]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two editions, what it is now, and how its residents' pages are opened; `outline` reads its answers."""

    edition: Edition
    standing: Standing
    outline: Outline

    def opens(self, events: tuple[str, ...], answers: tuple[Answer, ...]) -> str | None:
        """The address of the result of a household on exactly this edition; None where it cannot be opened."""
        if any(event not in self.outline.life_events for event in events) or self.edition.archived:
            return None
        address = write_address(Query(events, answers))
        if preview_links.is_previewed(self.edition):
            return f"/preview/{self.edition.number}/result?{address}"
        if self.standing == "live":
            return f"/result?{address}"
        if self.standing != "past":
            return None
        return f"/e/{self.edition.number}/{codes.encode(self.edition, events, answers, self.outline)}"


@dataclass(frozen=True, slots=True)
class Example:
    """A household in words (question and answer), its result on both editions, and where it becomes a scenario."""

    said: tuple[tuple[str, str], ...]
    old: str | None
    new: str | None
    keep: str | None


@dataclass(frozen=True, slots=True)
class ComparedOutcome:
    """Changes that come together: a mark (gained, lost, changed) and a sentence each, how often, and one household."""

    lines: tuple[tuple[str, str], ...]
    count: int
    example: Example | None


@dataclass(frozen=True, slots=True)
class EventChange:
    """What changes under one life event. `outcomes` None: too many to be told one by one, so `causes` stand for them.

    `is_decided` False: nothing is known, which is not the same as no change.
    """

    name: str
    presence: Presence
    patterns: int
    changed: int
    outcomes: tuple[ComparedOutcome, ...] | None
    causes: tuple[ComparedOutcome, ...]
    apart: tuple[ComparedOutcome, ...]
    apart_count: int
    is_decided: bool
    is_same: bool


@dataclass(frozen=True, kw_only=True)
class ComparePage(FormPage):
    """Two editions side by side; `content` is what changed by the name of its kind."""

    template: ClassVar[str] = "staff/compare.html"
    current: ClassVar[str] = "editions"

    old: Side
    new: Side
    summary: str
    content: Sequence[tuple[str, Sequence[ItemDifference]]]
    count: int
    events: Sequence[EventChange]
    scenarios: Sequence[tuple[str, Presence, Sequence[str]]]
    most: int = MOST_OUTCOMES


@router.get("/staff/compare")
async def show(request: Request, old: Given, new: Given, actor: Staff) -> Response:
    """Any two editions compared, for content and for residents."""
    return context.respond(await compare_page(context.visit(request, actor), old=old, new=new))


async def compare_page(visit: StaffContext, *, old: int, new: int) -> ComparePage:
    """The page that compares two editions. Errors: NotFound, Refused (somebody saves it at this moment)."""
    review = await visit.reviewer.review(old, new)
    live = await editions.live(visit.graph.latest)
    (before, old_items), (after, new_items) = [
        await visit.reviewer.content(edition) for edition in (review.old, review.new)
    ]
    names = differences.names(old_items, new_items)
    sides = (_side(review.old, before, live=live), _side(review.new, after, live=live))
    return ComparePage(
        frame=visit.frame,
        old=sides[0],
        new=sides[1],
        summary=differences.summary(review.content),
        content=[
            (registry.name_of(kind), list(differing))
            for kind, differing in groupby(review.content, lambda difference: difference.kind)
        ],
        count=len(review.content),
        events=[_event(compared, sides, names) for compared in review.residents.events],
        scenarios=[
            (names.get(compared.scenario, compared.scenario), compared.presence, _sentences(compared.changes, names))
            for compared in review.residents.scenarios
        ],
    )


def _sentences(changes: Iterable[Change], names: Mapping[str, str]) -> list[str]:
    return [impact.sentence(change, names) for change in changes]


def _side(edition: Edition, content: Content, *, live: Edition | None) -> Side:
    outline = Outline.of(edition.number, content.life_events, content.questions)
    return Side(edition, context.standing(edition, live), outline)


def _event(compared: EventComparison, sides: tuple[Side, Side], names: Mapping[str, str]) -> EventChange:
    def outcome(changes: Iterable[Change], count: int, example: Household) -> ComparedOutcome:
        lines = tuple((change.effect, impact.sentence(change, names)) for change in changes)
        return ComparedOutcome(lines, count, _example(compared.events, example, sides=sides, names=names))

    def apart(question: str, option: str | None, count: int, example: Household) -> ComparedOutcome:
        named = f"「{names.get(option or question, question)}」"
        line = f"{named}を選ぶ世帯" if option else f"{named}に、前の版ではできない答え方をする世帯"
        return ComparedOutcome((("apart", line),), count, _example(compared.events, example, sides=sides, names=names))

    outcomes = (
        None if compared.outcomes is None else tuple(outcome(g.changes, g.count, g.example) for g in compared.outcomes)
    )
    return EventChange(
        name="・".join(names.get(event, event) for event in compared.events),
        presence=compared.presence,
        patterns=compared.households,
        changed=compared.changed,
        outcomes=outcomes,
        causes=tuple(outcome(group.changes, group.count, group.example) for group in compared.causes),
        apart=tuple(apart(each.question, each.option, each.count, each.example) for each in compared.apart),
        apart_count=compared.apart_count,
        is_decided=compared.not_decided is None,
        is_same=compared.same,
    )


def _example(
    events: tuple[str, ...], household: Household, *, sides: tuple[Side, Side], names: Mapping[str, str]
) -> Example:
    old, new = sides
    number = new.edition.number
    keep = f"/staff/editions/{number}/new-scenario?{write_address(Query(events, household.new))}"
    return Example(
        said=households.answered(household.new, names),
        old=old.opens(events, household.old),
        new=new.opens(events, household.new),
        keep=keep if new.standing == "draft" else None,
    )
