"""What changes for residents between two contents, in short sentences for officials: one entry a life event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from service.analysis.comparison import Change, Comparison, EventComparison, Household, Presence
from service.content.models import Answer

MOST_LINES = 6

AddressOf = Callable[[str, tuple[Answer, ...]], str]
"""Writes the address of a household: its life event and its answers."""

_PROCEDURE = {
    ("not_listed", "applies"): "『{0}』が、出るようになります",
    ("not_listed", "may_apply"): "『{0}』が、「条件によって必要」に出るようになります",
    ("may_apply", "applies"): "『{0}』が、必ず出るようになります",
    ("applies", "may_apply"): "『{0}』が、「条件によって必要」に変わります",
    ("applies", "not_listed"): "『{0}』が、出なくなります",
    ("may_apply", "not_listed"): "『{0}』が、出なくなります",
}
_DOCUMENT = {
    ("not_needed", "needed"): "『{0}』の持ち物に、『{1}』が加わります",
    ("not_needed", "may_be_needed"): "『{0}』の持ち物に、『{1}』が「条件によって必要」として加わります",
    ("may_be_needed", "needed"): "『{0}』の持ち物の『{1}』が、必ず要るようになります",
    ("needed", "may_be_needed"): "『{0}』の持ち物の『{1}』が、「条件によって必要」に変わります",
    ("needed", "not_needed"): "『{0}』の持ち物から、『{1}』がなくなります",
    ("may_be_needed", "not_needed"): "『{0}』の持ち物から、『{1}』がなくなります",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One change in words, for how many answer patterns, and one household with its addresses on both editions."""

    sentence: str
    count: int
    old: str
    new: str
    change: Change
    example: Household


@dataclass(frozen=True, slots=True)
class Effect:
    """What changes under one life event; `changed` of `patterns` answer patterns see another result.

    `apart` cannot be compared, because the older edition does not know their answers; `more` is how many changes
    are left out. `is_decided` False: nothing is known, which is not the same as no change.
    """

    event: str
    name: str
    presence: Presence
    patterns: int
    changed: int
    apart: int
    lines: tuple[Line, ...]
    more: int
    is_decided: bool

    @property
    def is_same(self) -> bool:
        """Proved: under this life event nothing changes."""
        return self.is_decided and self.presence == "both" and not self.changed and not self.apart


def effects(comparison: Comparison, names: Mapping[str, str], address: AddressOf) -> tuple[Effect, ...]:
    """What changes, one entry for every life event, also where nothing does; `names` as `differences.names`.

    `address` writes the address of a household under a life event.
    """
    return tuple(_effect(event, names, address) for event in comparison.events)


def _effect(comparison: EventComparison, names: Mapping[str, str], address: AddressOf) -> Effect:
    key = comparison.events[0]
    lines = [
        line
        for group in comparison.causes
        for line in _lines(group.changes, group.count, group.example, key, names, address)
    ]
    return Effect(
        event=key,
        name=names.get(key, key),
        presence=comparison.presence,
        patterns=comparison.households,
        changed=comparison.changed,
        apart=comparison.apart_count,
        lines=tuple(lines[:MOST_LINES]),
        more=max(0, len(lines) - MOST_LINES),
        is_decided=comparison.not_decided is None,
    )


def _lines(
    changes: Iterable[Change], count: int, example: Household, event: str, names: Mapping[str, str], address: AddressOf
) -> Iterable[Line]:
    old, new = address(event, example.old), address(event, example.new)
    for change in changes:
        yield Line(sentence(change, names), count, old, new, change, example)


def told_of_people(change: Change, names: Mapping[str, str]) -> str:
    """The same as of those who see it, for who is about to make the change."""
    called = names.get(change.procedure, change.procedure)
    if change.document is None and change.effect != "changed":
        what = "が新たに出る人がいます" if change.effect == "gained" else "が出なくなる人がいます"
        return f"『{called}』{what}"
    return sentence(change, names)


def sentence(change: Change, names: Mapping[str, str]) -> str:
    """One change in words, without the full stop."""
    words = _DOCUMENT if change.document else _PROCEDURE
    called = [names.get(key, key) for key in (change.procedure, change.document) if key]
    return words[change.before, change.after].format(*called)
