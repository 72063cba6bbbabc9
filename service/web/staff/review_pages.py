"""The pages on which two editions are compared and the order of questions is weighed, as plain data."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import ClassVar

from service.analysis import impact
from service.analysis.bdd import NotDecided
from service.analysis.comparison import Change, EventComparison, Household, Presence
from service.analysis.interview_paths import Idle, Journeys, Moved, Walk, trials
from service.caching import PROCESS, Part
from service.content import registry
from service.content.models import Answer, Content, Edition, Outline
from service.diff_text import differences
from service.diff_text.differences import ItemDifference
from service.editions import preview_links
from service.errors import NotFound
from service.guidance import codes
from service.guidance.answers import Query, write_address
from service.store import editions
from service.web.staff.context import EditionPage, FormPage, Standing, Visit, about, standing

MOST_OUTCOMES = 20
_kept: Part[tuple[object, ...], Weighed] = PROCESS.part(lambda one: 20_000)
_tried: Part[tuple[object, ...], tuple[Moved, ...]] = PROCESS.part(lambda found: 2_000 + 6_000 * len(found))


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two editions, what it is now, and how its residents' pages are opened; `outline` reads its answers."""

    edition: Edition
    standing: Standing
    outline: Outline

    def opens(self, events: tuple[str, ...], given: tuple[Answer, ...]) -> str | None:
        """The address of the result of a household on exactly this edition; None where it cannot be opened."""
        if any(event not in self.outline.life_events for event in events) or self.edition.archived:
            return None
        address = write_address(Query(events, given))
        if preview_links.is_previewed(self.edition):
            return f"/preview/{self.edition.number}/result?{address}"
        if self.standing == "live":
            return f"/result?{address}"
        if self.standing != "past":
            return None
        return f"/e/{self.edition.number}/{codes.encode(self.edition, events, given, self.outline)}"


@dataclass(frozen=True, slots=True)
class Example:
    """A household in words (question and answer), its result on both editions, and where it becomes a scenario."""

    said: tuple[tuple[str, str], ...]
    old: str | None
    new: str | None
    keep: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
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
    outcomes: tuple[Outcome, ...] | None
    causes: tuple[Outcome, ...]
    apart: tuple[Outcome, ...]
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


@dataclass(frozen=True, slots=True)
class Weighed:
    """The interviews about a life event in figures, and the questions asked in vain; None where not decided."""

    journeys: Journeys | None
    idle: tuple[Idle, ...] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a life event: its place, and how many households are asked it."""

    key: str
    text: str
    position: int
    asked: int


@dataclass(frozen=True, slots=True)
class EventQuestions:
    """The interviews about one life event: figures, questions in their order, the longest one in words, vain ones."""

    key: str
    name: str
    journeys: Journeys | None
    questions: tuple[Asked, ...]
    longest: tuple[tuple[str, str], ...]
    idle: tuple[tuple[str, int], ...] | None


@dataclass(frozen=True, kw_only=True)
class QuestionsPage(EditionPage):
    """The order of questions, event by event; `trials` are other places for the question that was asked about.

    `trials` None: none was asked about, or it could not be decided (`tried` is its text then).
    """

    template: ClassVar[str] = "staff/questions.html"

    events: Sequence[EventQuestions]
    event: str
    tried: str
    trials: Sequence[Moved] | None


async def compare_page(visit: Visit, *, old: int, new: int) -> ComparePage:
    """The page that compares two editions. Errors: NotFound, Refused (somebody saves it at this moment)."""
    review = await visit.reviewer.review(old, new)
    live = await editions.live(visit.graph.latest)
    (before, old_items), (after, new_items) = [await visit.reviewer.content(one) for one in (review.old, review.new)]
    names = differences.names(old_items, new_items)
    sides = (_side(review.old, before, live=live), _side(review.new, after, live=live))
    return ComparePage(
        **visit.frame,
        old=sides[0],
        new=sides[1],
        summary=differences.summary(review.content),
        content=[
            (registry.name_of(kind), list(found)) for kind, found in groupby(review.content, lambda one: one.kind)
        ],
        count=len(review.content),
        events=[_event(one, sides, names) for one in review.residents.events],
        scenarios=[
            (names.get(one.scenario, one.scenario), one.presence, _sentences(one.changes, names))
            for one in review.residents.scenarios
        ],
    )


def _sentences(changes: Iterable[Change], names: Mapping[str, str]) -> list[str]:
    return [impact.sentence(change, names) for change in changes]


def _side(edition: Edition, content: Content, *, live: Edition | None) -> Side:
    outline = Outline(
        edition.number, {one.key: one for one in content.life_events}, {one.key: one for one in content.questions}
    )
    return Side(edition, standing(edition, live), outline)


def _event(one: EventComparison, sides: tuple[Side, Side], names: Mapping[str, str]) -> EventChange:
    def outcome(changes: Iterable[Change], count: int, example: Household) -> Outcome:
        lines = tuple((change.effect, impact.sentence(change, names)) for change in changes)
        return Outcome(lines, count, _example(one.events, example, sides=sides, names=names))

    def apart(question: str, option: str | None, count: int, example: Household) -> Outcome:
        named = f"「{names.get(option or question, question)}」"
        line = f"{named}を選ぶ世帯" if option else f"{named}に、前の版ではできない答え方をする世帯"
        return Outcome((("apart", line),), count, _example(one.events, example, sides=sides, names=names))

    told = None if one.outcomes is None else tuple(outcome(g.changes, g.count, g.example) for g in one.outcomes)
    return EventChange(
        name="・".join(names.get(event, event) for event in one.events),
        presence=one.presence,
        patterns=one.households,
        changed=one.changed,
        outcomes=told,
        causes=tuple(outcome(group.changes, group.count, group.example) for group in one.causes),
        apart=tuple(apart(each.question, each.option, each.count, each.example) for each in one.apart),
        apart_count=one.apart_count,
        is_decided=one.not_decided is None,
        is_same=one.same,
    )


def _example(
    events: tuple[str, ...], household: Household, *, sides: tuple[Side, Side], names: Mapping[str, str]
) -> Example:
    old, new = sides
    number = new.edition.number
    keep = f"/staff/editions/{number}/new-scenario?{write_address(Query(events, household.new))}"
    return Example(
        said=said(household.new, names),
        old=old.opens(events, household.old),
        new=new.opens(events, household.new),
        keep=keep if new.standing == "draft" else None,
    )


def said(given: Iterable[Answer], names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Each answer as the text of its question and what was chosen."""
    told = []
    for answer in given:
        question = names.get(answer.question, answer.question)
        chosen = [names.get(key, key).removeprefix(f"{question}／") for key in answer.options]
        told.append((question, "、".join(chosen) or ("わからない" if answer.unsure else "どれもない")))
    return tuple(told)


async def questions_page(visit: Visit, number: int, *, event: str = "", question: str = "") -> QuestionsPage:
    """The page of the order of questions. Errors: NotFound (also for a life event or a question that is not there)."""
    fields = await about(visit, number)
    content, items = await visit.reviewer.content(fields["edition"])
    names, digest = differences.names(items), fields["edition"].content_hash or ""
    told = []
    for one in sorted(content.life_events, key=lambda one: (one.position, one.key)):
        found = await _kept.fetch((digest, one.key), partial(asyncio.to_thread, _weighed, content, one.key))
        told.append(_questions(one.key, found, content, names))
    tried = None
    if question:
        counted = {asked.key for one in told if one.key == event for asked in one.questions}
        if question not in counted:
            raise NotFound("その質問は、このライフイベントでは聞かれません。")
        tried = await _trials(content, digest, event=event, question=question)
    return QuestionsPage(
        **fields, events=told, event=event if question else "", tried=names.get(question, question), trials=tried
    )


async def _trials(content: Content, digest: str, *, event: str, question: str) -> tuple[Moved, ...] | None:
    async def make() -> tuple[Moved, ...]:
        return await asyncio.to_thread(lambda: trials(content, [event], question=question))

    try:
        return await _tried.fetch((digest, event, question), make)
    except NotDecided:
        return None


def _weighed(content: Content, event: str) -> Weighed:
    try:
        walk = Walk(content, [event])
        found = walk.journeys()
    except NotDecided:
        return Weighed(None, None)
    try:
        return Weighed(found, walk.idle())
    except NotDecided:
        return Weighed(found, None)


def _questions(key: str, found: Weighed, content: Content, names: Mapping[str, str]) -> EventQuestions:
    figures = found.journeys
    ordered = sorted(content.questions, key=lambda one: (one.position, one.key))
    asked = figures.asked if figures else {}
    return EventQuestions(
        key=key,
        name=names[key],
        journeys=figures,
        questions=tuple(Asked(one.key, one.text, one.position, asked[one.key]) for one in ordered if one.key in asked),
        longest=said(figures.longest, names) if figures else (),
        idle=None
        if found.idle is None
        else tuple((names.get(one.question, one.question), one.households) for one in found.idle),
    )
