"""Items as text: what is written reads back to the same, and what is wrong is named with its line."""

from __future__ import annotations

import pytest

from service.content import item_yaml, patches, registry
from service.content.loading import read_plain
from service.content.models import Kind
from service.errors import InvalidContent, Problem
from tests.seed import seed

LISTED = registry.current().lists.values()


def test_every_item_of_the_seed_reads_back_to_itself() -> None:
    items = patches.items(seed())
    assert {item.kind for item in items.values()} == {kind.label for kind in LISTED}
    for key, item in items.items():
        text = item_yaml.written(item)
        assert not text.startswith("key:") and "\nkey:" not in text
        assert item_yaml.read(text, item.kind, key=key) == item.fields


@pytest.mark.parametrize("kind", [kind.label for kind in LISTED])
def test_the_beginning_of_a_new_item_is_read(kind: str) -> None:
    """What is empty counts as not written, so that only what is really missing is named."""
    fields = item_yaml.read(item_yaml.start(kind), kind, key=None)
    assert "key" not in fields and None not in fields.values()
    with pytest.raises(InvalidContent):
        read_plain({"format": 2, registry.list_of(kind): [{"key": "a", **fields}]})


@pytest.mark.parametrize(
    ("text", "line"),
    [("name: [a", 1), ("a\tb: c\n\tx", 2), ("name: a\nname: b", 2), ("- a", 1), ("", 1), ("ただの文", 1)],
)
def test_what_is_no_item_is_refused_with_a_line(text: str, line: int) -> None:
    with pytest.raises(InvalidContent) as raised:
        item_yaml.read(text, Kind.PROCEDURE, key="a")
    found = item_yaml.faults(raised.value.problems, text=text, kind=Kind.PROCEDURE, key="a")
    assert [(one.line, one.key) for one in found] == [(line, None)]


def test_the_key_cannot_be_changed_by_hand() -> None:
    assert item_yaml.read("key: a\nname: b", Kind.PROCEDURE, key="a") == {"key": "a", "name": "b"}
    with pytest.raises(InvalidContent, match="誤りが1件"):
        item_yaml.read("key: b\nname: b", Kind.PROCEDURE, key="a")


def test_problems_of_a_document_are_placed_in_the_text() -> None:
    text = "name: 届け\nneeds:\n- card\n- nothing\ndeadline:\n  value: x\n"
    problems = [
        Problem("ありません。", "/procedures/12/needs/1", "todoke"),
        Problem("数ではありません。", "/procedures/12/deadline/value", "todoke"),
        Problem("使っています。", "/conditions/3/selects/0", "if-other"),
        Problem("大きすぎます。"),
    ]
    found = item_yaml.faults(problems, text=text, kind=Kind.PROCEDURE, key="todoke")
    assert [(one.line, one.label, one.key) for one in found] == [
        (4, "必要書類", None),
        (6, "期限", None),
        (None, "", "if-other"),
        (None, "", None),
    ]
