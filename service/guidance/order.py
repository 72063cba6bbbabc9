"""The order of the list: four groups; in each the stages of a timeline, in a stage what is due first, visit by visit.

Every procedure has a turn: the day that decides its place. It is the day to plan with, or the end of the period counted
as if today were the day where nobody has said one, and never later than the turn of what follows it or what it settles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from service.content.basis import is_fact
from service.content.models import NO_ACTION, Listed, Procedure
from service.guidance import deadlines
from service.guidance.deadlines import Due

Groups = tuple[list[Listed], list[Listed], list[Listed], list[Listed]]


class Stage(StrEnum):
    """A stretch of the timeline, seen from today; `NOW` is also what has passed and what is done before something."""

    NOW = "now"
    DAYS = "within_14_days"
    MONTH = "within_1_month"
    QUARTER = "within_3_months"
    LATER = "later"
    OPEN = "no_deadline"


_ENDS = ((3, Stage.NOW), (14, Stage.DAYS), (31, Stage.MONTH), (92, Stage.QUARTER))
"""How many days from today each stage lasts: one month has at most 31 days, three months in a row at most 92."""


@dataclass(frozen=True, slots=True)
class Turn:
    """When a procedure comes: its stage and the day in it (None: no day), and how many listed ones wait for it.

    `before_others`: what waits for it is due in an earlier stage than its own deadline says.
    """

    stage: Stage
    day: date | None
    before_others: bool = False
    waited_for: int = 0


def turns(
    listed: Iterable[Listed],
    procedures: Mapping[str, Procedure],
    *,
    dues: Mapping[str, Due],
    predecessors: Mapping[str, AbstractSet[str]],
    today: date,
) -> dict[str, Turn]:
    """The turn of every listed procedure. What follows it, and what it settles too, waits for a procedure.

    `predecessors` are all that a procedure follows, however far, also through procedures that are not listed.
    """
    acting = {one.procedure: one for one in listed if procedures[one.procedure].nature not in NO_ACTION}
    own = {key: _own_day(procedures[key], dues.get(key), today) for key in acting}
    waiting: dict[str, set[str]] = {key: set() for key in acting}
    for key, one in acting.items():
        for before in _before(key, procedures, predecessors) & acting.keys():
            # what only may apply hurries nothing that certainly does
            if one.status == "applies" or acting[before].status == "may_apply":
                waiting[before].add(key)
    found = {key: _turn(own[key], [own[one] for one in waiting[key]], today) for key in acting}
    return {one.procedure: found.get(one.procedure, Turn(Stage.OPEN, None)) for one in listed}


def _before(
    key: str, procedures: Mapping[str, Procedure], predecessors: Mapping[str, AbstractSet[str]]
) -> AbstractSet[str]:
    """All that comes before a procedure: what it follows, what settles it too, and what that follows."""
    settles = procedures[key].done_with
    return {*predecessors.get(key, ()), *settles, *(one for by in settles for one in predecessors.get(by, ()))} - {key}


def _turn(own: date | None, others: Sequence[date | None], today: date) -> Turn:
    day = min((one for one in (own, *others) if one is not None), default=None)
    stage = stage_of(day, today)
    return Turn(stage, day, before_others=stage != stage_of(own, today), waited_for=len(others))


def stage_of(day: date | None, today: date) -> Stage:
    """The stage in which a day lies, seen from today."""
    if day is None:
        return Stage.OPEN
    left = (day - today).days
    return next((stage for end, stage in _ENDS if left <= end), Stage.LATER)


def _own_day(procedure: Procedure, due: Due | None, today: date) -> date | None:
    """The day of its own deadline; not after today for what is done before something: nothing has to be waited for."""
    deadline = procedure.deadline
    if due is not None:
        day = due.go_by or due.last_day
        return min(day, today) if deadline is not None and deadline.is_before else day
    if deadline is None or deadline.period is not None or not is_fact(procedure, "deadline"):
        return None
    return today if deadline.is_before else deadlines.as_if_today(deadline, today)


def ordered(
    listed: Iterable[Listed],
    procedures: Mapping[str, Procedure],
    *,
    turns: Mapping[str, Turn],
    predecessors: Mapping[str, AbstractSet[str]],
) -> Groups:
    """Duties that apply, benefits and options that apply, all that may apply, and what asks nothing, each in its order.

    `turns` and `predecessors` as of the function `turns`.
    """
    groups: Groups = ([], [], [], [])
    for one in listed:
        groups[_group(one, procedures[one.procedure])].append(one)
    first, second, third, last = (_in_order(group, procedures, turns, predecessors) for group in groups)
    return first, second, third, last


def _group(listed: Listed, procedure: Procedure) -> int:
    """What asks nothing of anybody is never counted, never first, and no way leads there."""
    if procedure.nature in NO_ACTION:
        return 3
    if listed.status == "may_apply":
        return 2
    return 0 if procedure.nature == "duty" else 1


def _in_order(
    group: Sequence[Listed],
    procedures: Mapping[str, Procedure],
    turns: Mapping[str, Turn],
    predecessors: Mapping[str, AbstractSet[str]],
) -> list[Listed]:
    """Stage by stage, in each visit by visit.

    By day alone what comes before others stands before them: its turn is never later, and of equal days more waits
    for it. Visits are put together as far as that stays so.
    """

    def rank(one: Listed) -> tuple[date, int, str]:
        turn = turns[one.procedure]
        return (turn.day or date.max, -turn.waited_for, one.procedure)

    stages: dict[Stage, list[list[Listed]]] = {}
    place: dict[str, int] = {}
    for one in sorted(group, key=rank):
        visits = stages.setdefault(turns[one.procedure].stage, [])
        at = window(procedures[one.procedure])
        before = _before(one.procedure, procedures, predecessors)
        same_stage = (key for key in before & place.keys() if turns[key].stage == turns[one.procedure].stage)
        earliest = max((place[key] for key in same_stage), default=0)
        number = next(
            (
                number
                for number, visit in enumerate(visits[earliest:], start=earliest)
                if at is not None and window(procedures[visit[0].procedure]) == at
            ),
            len(visits),
        )
        if number == len(visits):
            visits.append([])
        visits[number].append(one)
        place[one.procedure] = number
    return [one for visits in stages.values() for visit in visits for one in visit]


def window(procedure: Procedure) -> str | None:
    """The key of the window that a procedure leads to, None where that is no fact here. One window is one visit."""
    return procedure.handled_at[0] if procedure.handled_at and is_fact(procedure, "windows") else None
