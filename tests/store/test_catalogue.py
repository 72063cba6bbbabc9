"""What the catalogue keeps: as much as fits, and no answer that depends on what was dropped."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.caching import DEFAULT_BYTES, Cache
from service.content.loading import read_bytes
from service.editions.importing import import_content
from service.store.catalogue import Catalogue
from service.store.graph import Graph

CONTENT: dict[str, Any] = {
    "format": 2,
    "life_events": [{"key": "death", "name": "死亡"}],
    "conditions": [{"key": "always", "label": "ご家族が亡くなった", "life_events": ["death"], "selects": ["a"]}],
    "procedures": [
        {"key": "a", "name": "死亡届"},
        {"key": "b", "name": "除籍の確認", "follows": ["a"]},
        {"key": "c", "name": "相続", "follows": ["b"]},
    ],
}
EARLIER = {"a": frozenset(), "b": frozenset("a"), "c": frozenset("ab")}


@pytest.fixture(scope="module")
async def edition(graph: Graph) -> int:
    content = read_bytes(json.dumps(CONTENT).encode(), "content.json")
    return (await import_content(graph, content, publish=False, title="順序")).edition.number


@pytest.mark.parametrize("size", [0, 1_000, 10_000, DEFAULT_BYTES])
async def test_what_comes_earlier_is_whole_however_little_is_kept(graph: Graph, edition: int, size: int) -> None:
    catalogue = Catalogue(graph, Cache(size))
    for keys in ("abc", "c", "cb", "cba", "abc"):
        assert await catalogue.earlier(edition, list(keys)) == {key: EARLIER[key] for key in keys}


@pytest.mark.parametrize("size", [0, 5_000, DEFAULT_BYTES])
async def test_items_are_whole_however_little_is_kept(graph: Graph, edition: int, size: int) -> None:
    catalogue = Catalogue(graph, Cache(size))
    for _ in range(2):
        details = await catalogue.details(edition, ["c", "a", "b"])
        assert {key: one.name for key, one in details.procedures.items()} == {
            one["key"]: one["name"] for one in CONTENT["procedures"]
        }
        assert details.earlier == EARLIER


async def test_what_is_forgotten_is_read_again(graph: Graph, edition: int) -> None:
    cache = Cache(DEFAULT_BYTES)
    catalogue = Catalogue(graph, cache)
    first = await catalogue.outline(edition), (await catalogue.details(edition, ["a"])).procedures["a"]
    assert (await catalogue.outline(edition)) is first[0]
    cache.clear()
    again = await catalogue.outline(edition), (await catalogue.details(edition, ["a"])).procedures["a"]
    assert again == first
    assert again[0] is not first[0] and again[1] is not first[1]
