"""What is around an item, read from a real graph."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from service.content import registry
from service.content.loading import read_plain
from service.editions.importing import import_content
from service.store import neighbourhood
from service.store.graph import Graph
from service.store.neighbourhood import MOST_OF_A_KIND, Neighbourhood
from tests.content.test_dependents import CONTENT

pytestmark = pytest.mark.asyncio(loop_scope="session")

CROWD = MOST_OF_A_KIND + 5
MORE: dict[str, Any] = {
    "laws": [
        {"key": "law-a", "name": "住民基本台帳法", "article": "第22条"},
        {"key": "law-b", "name": "住民基本台帳法"},
    ],
    "terms": [{"key": "term-mado", "term": "手当", "meaning": "お金です"}],
    "windows": [*CONTENT["windows"], {"key": "crowded", "name": "込む窓口"}],
    "procedures": [
        *CONTENT["procedures"],
        *(
            {
                "key": f"many-{index:03}",
                "name": f"多い {index}",
                "handled_at": ["crowded"],
                "governed_by": ["law-a", "law-b"],
            }
            for index in range(CROWD)
        ),
    ],
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def edition(graph: Graph) -> int:
    """The number of the edition with the content."""
    content = read_plain(CONTENT | MORE)
    return (await import_content(graph, content, publish=False, title="まわり")).edition.number


def _keys(found: Neighbourhood | None) -> dict[tuple[int, str], list[str]]:
    assert found is not None
    return {(group.step, str(group.kind)): [one.key for one in group.neighbours] for group in found.groups}


async def test_two_steps_before_a_procedure_and_one_after_it(graph: Graph, edition: int) -> None:
    found = await neighbourhood.around(graph, edition, "teate")
    assert _keys(found) == {
        (-2, "LifeEvent"): ["move"],
        (-2, "Option"): ["child/y"],
        (-2, "Condition"): ["if-all", "if-other"],
        (-1, "Condition"): ["if-child"],
        (-1, "Procedure"): ["todoke"],
        (1, "Window"): ["mado"],
        (1, "Term"): ["term-mado"],
    }


async def test_answers_bear_the_name_of_their_question(graph: Graph, edition: int) -> None:
    found = await neighbourhood.around(graph, edition, "if-child")
    assert found is not None
    group = found.group(-1, "Option")
    assert group is not None
    [answer] = group.neighbours
    assert (answer.name, answer.owner) == ("いる", "子")
    assert [(tie.other, [link.label for link in tie.links]) for tie in answer.ties] == [
        ("if-child", ["あてはまる答え"])
    ]


async def test_two_steps_after_a_life_event(graph: Graph, edition: int) -> None:
    found = await neighbourhood.around(graph, edition, "move")
    assert _keys(found) == {
        (1, "Condition"): ["if-all", "if-child"],
        (2, "Procedure"): ["teate", "todoke"],
        (2, "Document"): ["paper"],
    }


async def test_what_follows_from_the_answers_to_a_question(graph: Graph, edition: int) -> None:
    found = await neighbourhood.around(graph, edition, "who")
    assert _keys(found) == {(1, "Option"): ["who/a", "who/b"], (2, "Question"): ["child"]}


async def test_of_many_the_first_are_read_and_all_are_counted(graph: Graph, edition: int) -> None:
    found = await neighbourhood.around(graph, edition, "crowded")
    assert found is not None
    group = found.group(-1, "Procedure")
    assert group is not None
    assert (group.total, len(group.neighbours)) == (CROWD, MOST_OF_A_KIND)
    assert group.neighbours[0].key == "many-000"


async def test_laws_of_one_name_are_told_apart(graph: Graph, edition: int) -> None:
    found = await neighbourhood.around(graph, edition, "many-000")
    assert found is not None
    group = found.group(1, "Law")
    assert group is not None
    assert [one.name for one in group.neighbours] == ["住民基本台帳法 第22条", "住民基本台帳法"]


async def test_nothing_is_around_what_is_not_there(graph: Graph, edition: int) -> None:
    assert await neighbourhood.around(graph, edition, "rocket") is None
    assert await neighbourhood.around(graph, edition + 1_000, "teate") is None


async def test_every_item_of_every_kind_has_a_neighbourhood(graph: Graph, edition: int) -> None:
    for name, kind in registry.current().lists.items():
        for item in (CONTENT | MORE).get(name, []):
            found = await neighbourhood.around(graph, edition, item["key"])
            assert found is not None and found.kind == kind.label, item["key"]
            assert found.name.startswith(item[kind.about.named_by])
