"""What a change means for residents, as pages show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.analysis import impact
from service.analysis.bdd import options_of, question_of
from service.analysis.comparison import Change
from service.analysis.impact import Effect, Line
from service.content.models import Content
from service.diff_text import differences
from service.editions.reviews import Review
from service.editions.trials import Trial
from service.web.staff import context, households
from service.web.staff.context import StaffContext


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One change for residents: a sentence, for how many answer patterns, and a household that sees it.

    `said` are its answers that decide it, as question and answer; none where it is everybody. `old` and `new` are the
    query strings of its guidance on both editions.
    """

    sentence: str
    count: int
    said: Sequence[tuple[str, str]]
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class TrialEffect:
    """What an unsaved change does under one life event; `gains` and `loses`: whether somebody gets or loses a
    procedure. `effect` has the figures."""

    effect: Effect
    lines: Sequence[TrialLine]
    gains: bool
    loses: bool


async def effects(visit: StaffContext, review: Review | None) -> Sequence[Effect]:
    """What residents see otherwise, one entry a life event; nothing without a comparison."""
    if review is None:
        return ()
    called = differences.names(*[(await visit.reviewer.content(edition))[1] for edition in (review.old, review.new)])
    return impact.effects(review.residents, called, context.household_address)


def of_trial(trial: Trial) -> list[TrialEffect]:
    """What an unsaved change means for residents, one entry for each life event that it touches."""
    made = []
    told = impact.effects(trial.comparison, trial.names, context.household_address)
    for effect, compared in zip(told, trial.comparison.events, strict=True):
        changes = [change for group in compared.causes for change in group.changes if change.document is None]
        made.append(
            TrialEffect(
                effect,
                [_line(line, trial) for line in effect.lines],
                gains=any(change.effect == "gained" for change in changes),
                loses=any(change.effect == "lost" for change in changes),
            )
        )
    return made


def _line(line: Line, trial: Trial) -> TrialLine:
    deciding = {
        question
        for content in (trial.before, trial.content)
        if content is not None
        for question in _deciding(content, line.change)
    }
    given = [answer for answer in line.example.new if answer.question in deciding]
    return TrialLine(
        sentence=impact.told_of_people(line.change, trial.names),
        count=line.count,
        said=households.answered(given, trial.names),
        old=line.old,
        new=line.new,
    )


def _deciding(content: Content, change: Change) -> set[str]:
    """The questions that the conditions of a procedure look at."""
    rows = (row for row in content.conditions if change.procedure in row.selects)
    return {question_of(option) for row in rows for option in options_of(row)}
