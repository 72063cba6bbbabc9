"""What the hot statements cost: db hits on fixed contents, and plans that never look at more than they need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from neo4j import AsyncManagedTransaction

from bench.contents import dense, grown, states
from bench.editing import archived
from bench.guidance import DENSE_MOST, STATES, hits, seed_states
from service import clock
from service.accounts.permissions import OPERATOR
from service.content.flow import flow
from service.content.models import Answer, Content
from service.content.patches import Item
from service.editions import drafts, edits
from service.editions.history import LAST
from service.editions.importing import import_content
from service.guidance.engine import Asked, groups, household
from service.store.graph import Graph, Row, Transaction, _db_hits, _operators, _sent
from service.store.statements import statement
from tests.seed import seed

pytestmark = pytest.mark.asyncio(loop_scope="session")

SEED_MOST = 1_500
DENSE_MEDIAN_MOST = 1_725
SEED_MEDIAN_MOST = 860
"""A third of what the median was while the statement looked at every edge of a condition."""

LIFE_EVENT = "life-0"
ANSWERED = [Answer(f"{LIFE_EVENT}-q0", (f"{LIFE_EVENT}-q0/o0",))]
TIMES_LARGER = 10
SCANS = {"AllNodesScan", "NodeByLabelScan", "UnionNodeByLabelsScan", "CartesianProduct", "DirectedAllRelationshipsScan"}
HOT: dict[str, dict[str, Any]] = {
    "guidance/engine/select": {
        "groups": [{"events": [LIFE_EVENT], "households": [{"number": 0, **household([LIFE_EVENT], ANSWERED)}]}]
    },
    "guidance/engine/explain": {
        "edition": None,
        "household": household([LIFE_EVENT], []),
        "procedure": f"{LIFE_EVENT}-p0",
    },
    "store/catalogue/items": {
        "edition": None,
        "keys": [f"{LIFE_EVENT}-p0", f"{LIFE_EVENT}-d0"],
        "kinds": ["Procedure", "Document"],
    },
    "store/catalogue/mentions": {"edition": None, "keys": [f"{LIFE_EVENT}-p0"]},
    "store/catalogue/needs": {"edition": None, "key": f"{LIFE_EVENT}-p0"},
    "store/catalogue/predecessors": {"edition": None, "keys": [f"{LIFE_EVENT}-p0", f"{LIFE_EVENT}-p1"]},
    "store/neighbourhood/around": {
        "edition": None,
        "key": f"{LIFE_EVENT}-p0",
        "along": flow().along,
        "against": flow().against,
        "owning": flow().owning,
        "named": ["name", "label", "text", "term"],
        "most": 60,
    },
}
"""What requests run whose answers are not kept yet, with parameters that find something in a grown content."""


def _on(edition: int, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters with the number of the edition, which nobody knows before it is imported."""
    found: dict[str, Any] = {name: edition if value is None else value for name, value in params.items()}
    if "groups" in found:
        found["groups"] = [group | {"edition": edition} for group in found["groups"]]
    return found


async def _imported(graph: Graph, content: Content, title: str) -> int:
    return (await import_content(graph, content, publish=False, title=title)).edition.number


async def test_guidance_stays_cheap_on_a_dense_content(graph: Graph) -> None:
    content = dense()
    edges = sum(sum(map(len, one.requires)) + len(one.excludes) for one in content.conditions)
    assert (len(content.conditions), edges) == (134, 650)
    assert (len(content.questions), len(content.procedures)) == (14, 90)
    number = await _imported(graph, content, "dense")
    counted = await hits(graph, number, states(content, ["life"], count=STATES))
    assert len(counted) == STATES
    assert max(counted) <= DENSE_MOST
    assert median(counted) <= DENSE_MEDIAN_MOST


async def test_guidance_stays_cheap_on_the_first_edition(graph: Graph) -> None:
    number = await _imported(graph, seed(), "seed")
    counted = await hits(graph, number, seed_states(seed()))
    assert len(counted) == STATES
    assert max(counted) <= SEED_MOST
    assert median(counted) <= SEED_MEDIAN_MOST


async def test_households_together_look_at_what_they_share_once(graph: Graph) -> None:
    content = dense()
    number = await _imported(graph, content, "dense together")
    asked = [Asked(number, state.life_events, state.answers) for state in states(content, ["life"], count=20)]
    alone = await graph.profile("guidance/engine", "select", groups=groups(asked[:1]))
    together = await graph.profile("guidance/engine", "select", groups=groups(asked))
    assert len(together.rows[0]["households"]) == 20
    assert together.db_hits == alone.db_hits


async def test_guidance_costs_the_same_beside_more_content(graph: Graph) -> None:
    small, large = grown(1), grown(TIMES_LARGER)
    asked = states(small, [LIFE_EVENT], count=20)
    few = await hits(graph, await _imported(graph, small, "grown 1"), asked)
    many = await hits(graph, await _imported(graph, large, "grown"), asked)
    # An option that others require too costs up to fifty more: from there on Neo4j keeps its edges by type.
    assert max(many) <= 1.1 * max(few)


@pytest.mark.parametrize("name", HOT)
async def test_hot_statements_start_from_an_index(graph: Graph, name: str) -> None:
    number = await _imported(graph, grown(TIMES_LARGER), "grown")
    module, _, file = name.rpartition("/")
    params = _on(number, HOT[name])
    assert set(params) == set(statement(module, file).params)
    profile = await graph.profile(module, file, **params)
    assert profile.rows, "parameters that find something"
    if file == "select":
        assert profile.rows[0]["procedures"]
    assert profile.operators & {"NodeIndexSeek", "NodeUniqueIndexSeek", "MultiNodeIndexSeek"}
    assert not profile.operators & SCANS


async def test_what_is_around_an_item_costs_the_same_beside_more_content(graph: Graph) -> None:
    params = HOT["store/neighbourhood/around"]
    few, many = [
        await graph.profile(
            "store/neighbourhood", "around", **_on(await _imported(graph, grown(times), f"grown {times}"), params)
        )
        for times in (1, TIMES_LARGER)
    ]
    assert few.rows[0]["steps"] == many.rows[0]["steps"]
    assert many.db_hits <= 1.1 * few.db_hits


@pytest.mark.parametrize("name", ["guidance/engine/select", "guidance/engine/explain"])
async def test_lists_of_any_length_share_one_plan(graph: Graph, name: str) -> None:
    """Lists are not parameters of their own: Neo4j plans anew for each bucket of a list parameter's length."""
    module, _, file = name.rpartition("/")
    assert set(statement(module, file).params) <= {"groups", "edition", "household", "procedure"}


@pytest.mark.parametrize(
    ("name", "given"), [("page", {}), ("of_edition", {"edition": None}), ("of_person", {"by": "operator"})]
)
async def test_a_page_of_the_history_is_read_in_the_order_of_an_index(
    graph: Graph, name: str, given: dict[str, Any]
) -> None:
    """However long the history is: nothing is sorted, nothing is read that is not shown."""
    number = await _imported(graph, grown(1), "grown 1")
    params = {key: number if value is None else value for key, value in given.items()}
    wanted = dict.fromkeys(("edition", "by", "action", "since", "until"))
    profile = await graph.profile("editions/history", name, before=LAST, most=1, wanted=wanted, **params)
    assert len(profile.rows) == 1
    assert not profile.operators & (SCANS | {"Sort", "Top", "PartialSort", "PartialTop"})


async def test_the_live_edition_costs_the_same_beside_a_thousand_archived_ones(graph: Graph) -> None:
    await import_content(graph, grown(1), publish=True, title="live")
    before = await graph.profile("store/editions", "live", now=clock.now())
    await archived(graph, 1_000)
    after = await graph.profile("store/editions", "live", now=clock.now())
    assert after.rows == before.rows
    assert after.db_hits == before.db_hits


class Profiling(Transaction):
    """A transaction in which every statement tells its plan."""

    def __init__(self, transaction: AsyncManagedTransaction, evidence: Path | None) -> None:
        super().__init__(transaction, evidence)
        self.hits = 0
        self.operators: set[str] = set()

    async def many(self, module: str, name: str, **params: Any) -> list[Row]:
        query = statement(module, name)
        result = await self._transaction.run("PROFILE " + query.text, _sent(query, params))
        rows = [dict(record) async for record in result]
        plan = (await result.consume()).profile or {}
        self.hits += _db_hits(plan)
        self.operators |= set(_operators(plan))
        return rows


async def _profiled(graph: Graph, work: Callable[[], Awaitable[Any]], monkeypatch: pytest.MonkeyPatch) -> Profiling:
    """The plans of all that `work` writes, together."""
    made: list[Profiling] = []

    def profiling(transaction: AsyncManagedTransaction, evidence: Path | None) -> Profiling:
        made.append(Profiling(transaction, evidence))
        return made[-1]

    with monkeypatch.context() as patch:
        patch.setattr("service.store.graph.Transaction", profiling)
        await work()
    made[0].hits = sum(one.hits for one in made)
    made[0].operators = {operator for one in made for operator in one.operators}
    return made[0]


async def test_a_save_costs_what_it_touches_and_a_fork_what_it_copies(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    forks, saves = [], []
    for times in (1, TIMES_LARGER):
        number = await _imported(graph, grown(times), f"grown {times}")
        fork = partial(drafts.fork, graph, number, title="下書き", by=OPERATOR)
        forks.append(await _profiled(graph, fork, monkeypatch))
        saves.append(await _profiled(graph, partial(_saved, graph, number), monkeypatch))
    # A product of two single nodes, each sought, is how Neo4j joins what a change lies between.
    assert not (forks[1].operators | saves[1].operators) & (SCANS - {"CartesianProduct"})
    assert saves[1].hits <= 1.1 * saves[0].hits
    assert forks[1].hits <= 1.1 * TIMES_LARGER * forks[0].hits


async def _saved(graph: Graph, number: int) -> None:
    item, revision = await edits.item(graph.latest, number, key=f"{LIFE_EVENT}-p0")
    assert item is not None and revision is not None
    changed = Item(item.kind, item.fields | {"note": "x"})
    await edits.change(graph, number, by=OPERATOR, put=[changed], revisions={item.key: revision})
