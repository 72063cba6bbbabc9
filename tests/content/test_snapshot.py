"""Snapshots: what a small change makes of a content is what working through the whole of it would make."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import pytest
import rfc8785

from service.content import patches, registry
from service.content.canonical import canonical, content_hash, document
from service.content.loading import read_plain
from service.content.models import Content
from service.content.patches import Item
from service.content.snapshot import Snapshot, Unsound
from service.errors import InvalidContent
from service.store.subgraph import Delta, delta, delta_of, to_rows
from tests.contents import random_content
from tests.edits import edited
from tests.seed import seed

Fields = dict[str, Any]
TIMES = 50
LISTS = registry.current().lists


def _items(plain: Fields) -> dict[str, Item]:
    return {one["key"]: Item(kind.label, one) for name, kind in LISTS.items() for one in plain.get(name, [])}


def _content(rng: Random) -> Content:
    return random_content(rng, questions=5, conditions=6, procedures=5)


def _as_sets(found: Delta) -> Mapping[str, list[str]]:
    named = ("removed_nodes", "removed_edges", "changed_nodes", "added_nodes", "added_edges")
    return {name: sorted(map(repr, getattr(found, name))) for name in named}


@pytest.mark.parametrize("number", range(TIMES))
def test_a_changed_snapshot_is_that_of_the_changed_content(number: int) -> None:
    rng = Random(number)
    before = _content(rng)
    after = edited(rng, before, times=rng.randint(1, 4), stem="edit")
    old, whole = Snapshot.of(before), Snapshot.of(after)
    new, patch = old.changed_to(whole.items)
    assert patch == patches.between(old.items, whole.items)
    assert (new.items, new.kinds) == (whole.items, whole.kinds)
    assert new.canonical == canonical(after) == rfc8785.dumps(document(after))
    assert (new.content_hash, canonical(new.content)) == (content_hash(after), canonical(after))
    assert _as_sets(delta_of(patch, old=old.items, new=new.items)) == _as_sets(delta(to_rows(before), to_rows(after)))


def _remove(rng: Random, made: Fields) -> None:
    name = rng.choice([name for name in LISTS if made.get(name)])
    made[name].pop(rng.randrange(len(made[name])))


def _one(rng: Random, made: Fields, name: str) -> Fields:
    item: Fields = rng.choice(made[name]) if made.get(name) else {}
    return item


def _misname(rng: Random, made: Fields) -> None:
    _one(rng, made, "conditions")["selects"] = [rng.choice(["nothing", made["life_events"][0]["key"]])]


def _other_kind(rng: Random, made: Fields) -> None:
    question = _one(rng, made, "questions")
    question["kind"] = "one" if question.get("kind") == "many" else "many"


def _sure(rng: Random, made: Fields) -> None:
    _one(rng, made, "questions")["unsure"] = False


def _fewer_options(rng: Random, made: Fields) -> None:
    question = _one(rng, made, "questions")
    question["options"] = question.get("options", [])[1:]


def _undated(rng: Random, made: Fields) -> None:
    _one(rng, made, "life_events").pop("date_label", None)


def _circle_of_procedures(rng: Random, made: Fields) -> None:
    keys = [one["key"] for one in made.get("procedures", [])]
    if keys:
        _one(rng, made, "procedures")["follows"] = rng.sample(keys, 1)


def _circle_of_questions(rng: Random, made: Fields) -> None:
    options = [one["key"] for question in made.get("questions", []) for one in question["options"]]
    if options:
        _one(rng, made, "questions")["asked_after"] = rng.sample(options, 1)


def _other_place(rng: Random, made: Fields) -> None:
    """An item that becomes one of another kind, under its key."""
    if made.get("documents"):
        gone = made["documents"].pop(rng.randrange(len(made["documents"])))
        made.setdefault("windows", []).append({"key": gone["key"], "name": gone["name"]})


def _no_words(rng: Random, made: Fields) -> None:
    _one(rng, made, "procedures")["name"] = rng.choice(["", " ", "名前"])


HARM: tuple[Callable[[Random, Fields], None], ...] = (
    _remove,
    _misname,
    _other_kind,
    _sure,
    _fewer_options,
    _undated,
    _circle_of_procedures,
    _circle_of_questions,
    _other_place,
    _no_words,
)


def _harmed(number: int) -> tuple[Snapshot, Fields]:
    rng = Random(number)
    content = _content(rng)
    made = copy.deepcopy(document(content))
    for _ in range(rng.randint(1, 2)):
        HARM[number % len(HARM)](rng, made)
    return Snapshot.of(content), {name: value for name, value in made.items() if value}


def _is_refused(made: Fields) -> bool:
    try:
        read_plain({"format": 2} | made)
    except (InvalidContent, KeyError):
        return True
    return False


@pytest.mark.parametrize("number", range(4 * TIMES))
def test_what_is_refused_is_what_the_whole_is_refused_for(number: int) -> None:
    old, made = _harmed(number)
    if any("key" not in one for name in LISTS for one in made.get(name, [])):
        pytest.skip("nothing to harm")
    try:
        new, _ = old.changed_to(_items(made))
    except Unsound as error:
        assert _is_refused(error.document)
    else:
        assert not _is_refused(made)
        assert new.content_hash == content_hash(read_plain({"format": 2} | made))


def test_the_harm_is_refused_often_and_not_always() -> None:
    refused = [_is_refused(_harmed(number)[1]) for number in range(4 * TIMES)]
    for kind in range(len(HARM)):
        assert {False, True} >= set(refused[kind :: len(HARM)])
        assert any(refused[kind :: len(HARM)]), HARM[kind].__name__
    assert not all(refused)


def test_a_change_of_one_item_of_the_first_edition_touches_nothing_else() -> None:
    old = Snapshot.of(seed())
    item = old.items[seed().procedures[0].key]
    new, patch = old.changed_to({**old.items, item.key: Item(item.kind, item.fields | {"note": "変えました。"})})
    assert patch.keys == (item.key,)
    assert all(new.models[key] is old.models[key] for key in old.items if key != item.key)
    assert len(delta_of(patch, old=old.items, new=new.items).changed_nodes) == 1
    assert old.changed_to(dict(old.items)) == (old, patches.Patch())
