"""Random stories of a store: whatever is done in whatever order, the graph is what the history says, to the byte."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from service.accounts.permissions import OPERATOR
from service.content import patches
from service.content.canonical import content_hash
from service.content.loading import read_plain
from service.content.models import Content
from service.content.patches import Item, Items
from service.editions import archive, audit, drafts, edits, importing, publishing
from service.errors import Refused
from service.store import editions, schema
from service.store.graph import Address, Graph
from tests.contents import random_content
from tests.databases import emptied
from tests.edits import edited

Result = TypeVar("Result")

CHOICES = st.integers(min_value=0, max_value=2**32)


class Story(RuleBasedStateMachine):
    """Editors at work, and beside them what every edition should contain."""

    address: Address

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.graph = self.wait(_opened(self.address))
        self.expected: dict[int, Items] = {}
        self.imported: dict[str, Items] = {}
        self.open: set[int] = set()
        self.live = 0
        self.edits = 0

    def wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What the coroutine returns, on the loop of this story."""
        return self.runner.run(work)

    def teardown(self) -> None:
        """The whole story is told by the history alone, and the chain is whole."""
        try:
            assert self.wait(audit.verify(self.graph)) == []
            assert self.wait(self._replayed()) == self.expected
        finally:
            self.wait(self.graph.close())
            self.runner.close()

    def _draft(self, choice: int) -> int:
        return sorted(self.open)[choice % len(self.open)]

    def _edited(self, before: Items, seed: int, *, times: int) -> Items:
        self.edits += 1
        content = edited(Random(seed), read_plain(patches.plain(before)), times=times, stem=f"edit-{self.edits}")
        return patches.items(content)

    @initialize(seed=CHOICES)
    def begin(self, seed: int) -> None:
        """A first edition that is live."""
        self._imported(_content(seed), publish=True)

    def _imported(self, content: Content, *, publish: bool) -> None:
        done = self.wait(importing.import_content(self.graph, content, publish=publish, title="物語"))
        if not done.created:
            return
        self.imported[content_hash(content)] = patches.items(content)
        self.expected[done.edition.number] = patches.items(content)
        if publish:
            self.live = done.edition.number
        else:
            self.open.add(done.edition.number)

    @rule(seed=CHOICES, publish=st.booleans())
    def bring_in(self, seed: int, publish: bool) -> None:
        """A document is imported."""
        self._imported(_content(seed), publish=publish)

    @rule(choice=CHOICES)
    def fork(self, choice: int) -> None:
        """Any edition of this story is copied."""
        source = sorted(self.expected)[choice % len(self.expected)]
        draft = self.wait(drafts.fork(self.graph, source, title="写し", by=OPERATOR))
        self.expected[draft.number] = self.expected[source]
        self.open.add(draft.number)

    @precondition(lambda self: self.open)
    @rule(choice=CHOICES, seed=CHOICES)
    def edit(self, choice: int, seed: int) -> None:
        """Items are saved, added and removed, in one save."""
        number = self._draft(choice)
        before = self.expected[number]
        after = self._edited(before, seed, times=2)
        self.wait(_saved(self.graph, number, before, after))
        self.expected[number] = after

    @precondition(lambda self: self.open)
    @rule(choice=CHOICES, seed=CHOICES)
    def edit_and_undo(self, choice: int, seed: int) -> None:
        """Three saves, each taken back, the last first: the first hash is there again."""
        number = self._draft(choice)
        first = self.wait(editions.numbered(self.graph.latest, number)).content_hash
        before, done = self.expected[number], []
        for step in range(3):
            after = self._edited(before, seed + step, times=1)
            done.append(self.wait(_saved(self.graph, number, before, after)))
            before = after
        for seq in reversed([seq for seq in done if seq]):
            self.wait(edits.take_back(self.graph, number, seq=seq, by=OPERATOR))
        assert self.wait(editions.numbered(self.graph.latest, number)).content_hash == first

    @precondition(lambda self: self.open)
    @rule(choice=CHOICES)
    def release(self, choice: int) -> None:
        """A draft is merged, where that goes without a person, and published."""
        number = self._draft(choice)
        try:
            self.wait(drafts.merge(self.graph, number, by=OPERATOR))
        except Refused:
            return
        self.expected[number] = self.wait(archive.items(self.graph, number))
        seen = content_hash(read_plain(patches.plain(self.expected[number])))
        try:
            self.wait(publishing.publish(self.graph, number, by=OPERATOR, seen=seen))
        except Refused:
            return
        self.open.discard(number)
        self.live = number

    @rule(choice=CHOICES)
    def roll_back(self, choice: int) -> None:
        """An edition that was live is published again."""
        to = sorted(self.expected)[choice % len(self.expected)]
        try:
            done = self.wait(publishing.roll_back(self.graph, to, by=OPERATOR, reason="物語"))
        except Refused:
            return
        self.expected[done.number] = self.expected[to]
        self.live = done.number

    @precondition(lambda self: self.open)
    @rule(choice=CHOICES)
    def discard(self, choice: int) -> None:
        """A draft is given up."""
        number = self._draft(choice)
        self.wait(drafts.discard(self.graph, number, by=OPERATOR))
        self.open.discard(number)

    @rule(choice=CHOICES)
    def archive_and_bring_back(self, choice: int) -> None:
        """An edition leaves the graph and comes back."""
        number = sorted(self.expected)[choice % len(self.expected)]
        try:
            self.wait(archive.archive(self.graph, number, by=OPERATOR))
        except Refused:
            return
        assert self.wait(archive.items(self.graph, number)) == self.expected[number]
        self.wait(archive.bring_back(self.graph, number, by=OPERATOR))

    @invariant()
    def the_graph_is_what_was_done(self) -> None:
        """Every edition holds what it should, and its hash says so."""
        if not self.expected:
            return
        live = self.wait(editions.live(self.graph.latest))
        assert live is not None
        assert live.number == self.live
        for number in sorted(self.expected)[-4:]:
            found = self.wait(archive.items(self.graph, number))
            assert found == self.expected[number]
            edition = self.wait(editions.numbered(self.graph.latest, number))
            assert edition.content_hash == content_hash(read_plain(patches.plain(found)))

    async def _replayed(self) -> dict[int, Items]:
        """What the editions contain by the history alone, and the documents that were imported."""
        states: dict[int, Items] = {}
        after = 0
        while rows := await self.graph.latest.many("editions/history", "after", seq=after, most=500):
            for row in rows:
                _replay(states, row["change"], imported=self.imported)
            after = rows[-1]["change"]["seq"]
        return states


def _replay(states: dict[int, Items], change: dict[str, Any], *, imported: dict[str, Items]) -> None:
    number = int(change["edition"])
    if change["action"] == "import":
        states[number] = imported[change["after"]]
    elif change["action"] in {"fork", "rollback"}:
        states[number] = states[change["source"]]
    elif change["action"] in publishing.EDITING:
        states[number] = patches.applied(patches.read(change.get("before"), change.get("after")), states[number])


def _content(seed: int) -> Content:
    """A small content without scenarios: red ones would keep it from being published."""
    return random_content(Random(seed % 50)).model_copy(update={"scenarios": []})


async def _opened(address: Address) -> Graph:
    """An empty store: what an earlier story left would make this one another than its choices say."""
    await asyncio.to_thread(emptied, address)
    graph = Graph.open(address, pool=2)
    await schema.prepare(graph)
    return graph


async def _saved(graph: Graph, number: int, before: Items, after: Items) -> int | None:
    """Saves the difference; returns the change's place."""
    patch = patches.between(before, after)
    rows = await graph.latest.many("store/catalogue", "whole", edition=number)
    properties = [item["properties"] for row in rows for item in row["items"]]
    revisions = {one["key"]: one["revision"] for one in properties}
    put: list[Item] = list(patch.after.values())
    remove = [key for key in patch.before if key not in patch.after]
    if not patch:
        return None
    saved = await edits.change(
        graph,
        number,
        by=OPERATOR,
        put=put,
        remove=remove,
        revisions={key: revisions[key] for key in patch.before},
    )
    return saved.seq


def test_whatever_is_done_the_history_tells_it(address: Address) -> None:
    story = type("StoryHere", (Story,), {"address": address})
    run_state_machine_as_test(
        story,
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            print_blob=True,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
