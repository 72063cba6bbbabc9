"""The order of the list: four groups, in each what comes first by `FOLLOWS` and by its day first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from heapq import heapify, heappop, heappush

from service.content.models import Listed, Procedure
from service.guidance.deadlines import Due

Groups = tuple[list[Listed], list[Listed], list[Listed], list[Listed]]

NO_ACTION = frozenset({"not_needed", "information"})
"""The natures of what asks nothing of anybody: it is never counted, never first, and no way leads there."""


def ordered(
    listed: Iterable[Listed],
    procedures: Mapping[str, Procedure],
    *,
    dues: Mapping[str, Due],
    predecessors: Mapping[str, AbstractSet[str]],
) -> Groups:
    """Duties that apply, benefits and options that apply, all that may apply, and what asks nothing, each in its order.

    `predecessors` are all that a procedure follows, however far, also through procedures that are not listed.
    """
    groups: Groups = ([], [], [], [])
    for one in listed:
        groups[_group(one, procedures[one.procedure])].append(one)
    first, second, third, last = (_in_order(group, dues=dues, predecessors=predecessors) for group in groups)
    return first, second, third, last


def _group(listed: Listed, procedure: Procedure) -> int:
    if procedure.nature in NO_ACTION:
        return 3
    if listed.status == "may_apply":
        return 2
    return 0 if procedure.nature == "duty" else 1


def _in_order(
    group: Sequence[Listed], *, dues: Mapping[str, Due], predecessors: Mapping[str, AbstractSet[str]]
) -> list[Listed]:
    """Always the earliest of those whose predecessors in the group are placed, then by key."""
    items = {one.procedure: one for one in group}
    waiting = {key: predecessors.get(key, frozenset()) & items.keys() - {key} for key in items}
    followers: dict[str, list[str]] = {}
    for key, before in waiting.items():
        for one in before:
            followers.setdefault(one, []).append(key)
    left = {key: len(before) for key, before in waiting.items()}
    free = [(_day(dues.get(key)), key) for key, count in left.items() if not count]
    heapify(free)
    placed: dict[str, Listed] = {}
    while free:
        _, key = heappop(free)
        placed[key] = items[key]
        for follower in followers.get(key, ()):
            left[follower] -= 1
            if not left[follower]:
                heappush(free, (_day(dues.get(follower)), follower))
    # Cycles are refused at import; should there be one, nothing that applies may vanish from the list.
    return [*placed.values(), *(items[key] for key in sorted(items.keys() - placed.keys()))]


def _day(due: Due | None) -> date:
    """The day that decides the order; without one a procedure comes last."""
    return date.max if due is None else due.go_by or due.last_day
