"""What depends on an item of a content."""

from __future__ import annotations

from typing import Any

from service.content import patches
from service.content.dependents import dependents, naming
from service.content.loading import read_plain
from service.content.patches import Item

CONTENT: dict[str, Any] = {
    "format": 2,
    "life_events": [{"key": "move", "name": "引っ越し"}, {"key": "other", "name": "別", "date_label": "日"}],
    "questions": [
        {
            "key": "who",
            "text": "だれ",
            "kind": "one",
            "options": [{"key": "who/a", "label": "ひとり"}, {"key": "who/b", "label": "家族"}],
        },
        {
            "key": "child",
            "text": "子",
            "kind": "one",
            "options": [{"key": "child/y", "label": "いる"}, {"key": "child/n", "label": "いない"}],
            "asked_after": ["who/b"],
        },
    ],
    "conditions": [
        {"key": "if-all", "label": "全員", "life_events": ["move"], "selects": ["todoke"]},
        {
            "key": "if-child",
            "label": "子",
            "life_events": ["move"],
            "requires": [["child/y"]],
            "selects": ["teate"],
            "needs": ["paper"],
        },
        {"key": "if-other", "label": "別", "life_events": ["other"], "selects": ["todoke"]},
    ],
    "procedures": [
        {"key": "todoke", "name": "届け", "handled_at": ["mado"], "needs": ["card"]},
        {
            "key": "teate",
            "name": "手当",
            "handled_at": ["mado"],
            "follows": ["todoke"],
            "deadline": {"value": 1, "unit": "day", "from": "日", "from_event": ["other"]},
        },
    ],
    "documents": [{"key": "card", "name": "本人確認"}, {"key": "paper", "name": "書類"}],
    "windows": [{"key": "mado", "name": "窓口"}],
    "scenarios": [
        {"key": "case-a", "name": "例", "life_events": ["move"], "answers": {"who": ["who/a"]}, "expects": ["todoke"]}
    ],
}
ITEMS = patches.items(read_plain(CONTENT))


def _of(key: str) -> dict[str, tuple[str, ...]]:
    return {str(kind): keys for kind, keys in dependents(ITEMS, naming(ITEMS), key).items()}


def test_of_a_window_the_procedures_that_are_done_there() -> None:
    assert _of("mado") == {"Procedure": ("teate", "todoke")}


def test_of_a_document_who_asks_for_it() -> None:
    assert _of("card") == {"Procedure": ("todoke",)}


def test_of_a_question_what_follows_from_its_answers_however_far() -> None:
    assert _of("who") == {
        "Question": ("child",),
        "Condition": ("if-child",),
        "Procedure": ("teate",),
        "Document": ("paper",),
        "Scenario": ("case-a",),
    }


def test_of_a_condition_what_it_brings_and_not_what_that_uses() -> None:
    assert _of("if-child") == {"Procedure": ("teate",), "Document": ("paper",)}


def test_of_a_procedure_what_comes_after_it_and_not_the_condition_that_lists_it() -> None:
    assert _of("todoke") == {"Procedure": ("teate",), "Scenario": ("case-a",)}


def test_of_a_life_event_also_what_counts_days_from_it() -> None:
    assert _of("other") == {"Condition": ("if-other",), "Procedure": ("teate", "todoke")}


def test_of_what_nobody_names_nothing() -> None:
    assert _of("case-a") == {}


def test_only_what_changed_is_looked_at_again() -> None:
    before = naming(ITEMS)
    changed = {**ITEMS, "todoke": Item("Procedure", {"key": "todoke", "name": "届け", "needs": ["paper"]})}
    after = naming(changed, before)
    assert after == naming(changed)
    assert after.named["teate"] is before.named["teate"]
    assert dependents(changed, after, "paper") == {"Procedure": ("todoke",)}
    assert dependents(changed, after, "card") == {}
