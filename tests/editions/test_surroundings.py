"""What of an item's surroundings is not so in the live edition."""

from __future__ import annotations

from service.content.flow import Link
from service.content.patches import Item
from service.editions.surroundings import compare, marked_items
from service.store.neighbourhood import Group, Neighbour, Neighbourhood, Tie

LINK = Link("HANDLED_AT", "Procedure", "Window", "窓口", field="handled_at")


def _window(key: str) -> Neighbour:
    return Neighbour(key, key, "", (Tie("todoke", (LINK,)),))


def _around(*keys: str, total: int | None = None) -> Neighbourhood:
    windows = tuple(_window(key) for key in keys)
    group = Group(1, "Window", len(windows) if total is None else total, windows)
    return Neighbourhood("todoke", "Procedure", "届け", (group,) if keys else ())


def test_what_is_the_same_has_no_mark() -> None:
    found = compare(_around("a", "b"), _around("a", "b"), marks={})
    assert (dict(found.items), dict(found.ties)) == ({}, {})


def test_new_and_lost_neighbours_are_both_there_and_marked() -> None:
    found = compare(_around("a", "new"), _around("a", "lost"), marks={"new": "added"})
    group = found.around.group(1, "Window")
    assert group is not None
    assert ([one.key for one in group.neighbours], group.total) == (["a", "lost", "new"], 3)
    assert found.ties == {("new", "todoke"): "added", ("lost", "todoke"): "removed"}
    assert found.items == {"new": "added"}


def test_a_kind_that_is_no_more_around_is_shown_as_lost() -> None:
    found = compare(_around(), _around("lost"), marks={})
    assert found.ties == {("lost", "todoke"): "removed"}
    assert found.around.group(1, "Window") is not None


def test_of_an_item_that_is_gone_all_is_lost() -> None:
    found = compare(_around("a"), _around("a"), marks={"todoke": "removed"}, is_gone=True)
    assert found.ties == {("a", "todoke"): "removed"}


def test_nothing_is_said_of_kinds_that_were_not_read_whole() -> None:
    found = compare(_around("b", "c", total=99), _around("a", "b", total=99), marks={})
    assert found.ties == {}
    assert [one.key for group in found.around.groups for one in group.neighbours] == ["b", "c"]


def test_answers_are_marked_beside_their_question() -> None:
    def question(*labels: str) -> Item:
        options = [{"key": f"q/{label}", "label": label} for label in labels]
        return Item("Question", {"key": "q", "text": "？", "kind": "one", "options": options})

    marks = marked_items({"q": question("a", "b")}, {"q": question("b", "c")})
    assert marks == {"q": "changed", "q/a": "removed", "q/c": "added"}
