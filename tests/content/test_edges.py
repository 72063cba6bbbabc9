"""One edge more or less in a field of an item."""

from __future__ import annotations

import pytest

from service.content import references
from service.content.patches import Item
from service.errors import Refused

PROCEDURE = Item("Procedure", {"key": "todoke", "name": "届け", "handled_at": ["mado"], "needs": ["card", "paper"]})
CONDITION = Item(
    "Condition",
    {
        "key": "if",
        "label": "条件",
        "life_events": ["move"],
        "requires": [["q/a", "q/b"], ["r/a"]],
        "selects": ["todoke"],
    },
)


def test_a_new_end_comes_last() -> None:
    assert references.connected(PROCEDURE, "handled_at", "other").fields["handled_at"] == ["mado", "other"]


def test_the_first_end_of_a_field_that_said_nothing() -> None:
    assert references.connected(PROCEDURE, "governed_by", "law").fields["governed_by"] == ["law"]


def test_a_further_answer_is_a_clause_of_its_own() -> None:
    assert references.connected(CONDITION, "requires", "s/a").fields["requires"] == [["q/a", "q/b"], ["r/a"], ["s/a"]]


def test_what_is_there_is_not_added_again() -> None:
    for item, field, end in ((PROCEDURE, "needs", "card"), (CONDITION, "requires", "q/b")):
        with pytest.raises(Refused, match="もうあります"):
            references.connected(item, field, end)


def test_only_that_field_loses_its_end() -> None:
    made = references.disconnected(PROCEDURE, "needs", "card")
    assert made.fields == {**PROCEDURE.fields, "needs": ["paper"]}


def test_a_list_that_loses_its_last_end_says_nothing_any_more() -> None:
    assert "handled_at" not in references.disconnected(PROCEDURE, "handled_at", "mado").fields


def test_one_of_several_answers_goes_from_its_clause() -> None:
    assert references.disconnected(CONDITION, "requires", "q/a").fields["requires"] == [["q/b"], ["r/a"]]


@pytest.mark.parametrize(("field", "end"), [("requires", "r/a"), ("life_events", "move")])
def test_what_would_speak_to_everybody_or_nobody_is_refused(field: str, end: str) -> None:
    with pytest.raises(Refused, match="空になってしまいます"):
        references.disconnected(CONDITION, field, end)


def test_what_is_not_there_cannot_go() -> None:
    with pytest.raises(Refused, match="もうありません"):
        references.disconnected(PROCEDURE, "needs", "gone")
