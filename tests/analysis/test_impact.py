"""What changes for residents, in sentences: every change has words, and nothing is said where nothing is known."""

from __future__ import annotations

from typing import Any

import pytest

from service.analysis.comparison import (
    LISTED,
    NEEDED,
    Change,
    ChangeGroup,
    Comparison,
    EventComparison,
    Household,
    compare,
)
from service.analysis.impact import MOST_LINES, effects, sentence
from service.content.loading import read_plain
from service.content.models import Answer, Content
from service.web.staff.context import household_address

NAMES = {"move": "引っ越し", "todoke": "届け", "teate": "手当", "card": "カード"}


def _content(*clauses: list[str]) -> Content:
    """One event, one question, and a procedure for the answers of the clauses."""
    document: dict[str, Any] = {
        "format": 2,
        "life_events": [{"key": "move", "name": "引っ越し", "position": 1}],
        "questions": [
            {
                "key": "who",
                "text": "だれが",
                "kind": "one",
                "position": 1,
                "options": [{"key": "who/alone", "label": "ひとり"}, {"key": "who/family", "label": "家族"}],
            }
        ],
        "conditions": [
            {
                "key": "if-some",
                "label": "ある方",
                "life_events": ["move"],
                "requires": list(clauses),
                "selects": ["teate"],
            }
        ],
        "procedures": [{"key": "teate", "name": "手当"}],
    }
    return read_plain(document)


def test_both_directions_are_told_with_a_household_each() -> None:
    [one] = effects(compare(_content(["who/alone"]), _content(["who/family"])), NAMES, household_address)
    assert (one.name, one.patterns, one.changed, one.is_same) == ("引っ越し", 2, 2, False)
    told = {line.sentence: (line.count, line.old, line.new) for line in one.lines}
    assert told == {
        "『手当』が、出るようになります": (1, "event=move&a=who:family", "event=move&a=who:family"),
        "『手当』が、出なくなります": (1, "event=move&a=who:alone", "event=move&a=who:alone"),
    }


def test_no_change_is_proved_and_said_so() -> None:
    [one] = effects(compare(_content(["who/alone"]), _content(["who/alone"])), NAMES, household_address)
    assert one.is_same and not one.lines


def test_what_was_not_decided_is_never_the_same() -> None:
    [one] = effects(compare(_content(["who/alone"]), _content(["who/family"]), steps=1), NAMES, household_address)
    assert not one.is_decided and not one.is_same and not one.lines


@pytest.mark.parametrize(("document", "states"), [(None, LISTED), ("card", NEEDED)], ids=["procedures", "documents"])
def test_every_change_has_words(document: str | None, states: tuple[Any, Any, Any]) -> None:
    told = {
        sentence(Change("todoke", document, before, after), NAMES)
        for before in states
        for after in states
        if before != after
    }
    assert len(told) == 5, "both kinds of vanishing read the same, all else differs"
    assert all("『届け』" in one and ("『カード』" in one) == bool(document) for one in told)


def test_long_lists_are_cut_and_counted() -> None:
    change = Change("todoke", None, "not_listed", "applies")
    household = Household((Answer("who", ("who/alone",)),), (Answer("who", ("who/alone",)),))
    groups = tuple(ChangeGroup((change,), count, household) for count in range(MOST_LINES + 3))
    [one] = effects(Comparison((EventComparison(("move",), "both", 9, 9, groups),), ()), NAMES, household_address)
    assert (len(one.lines), one.more) == (MOST_LINES, 3)
