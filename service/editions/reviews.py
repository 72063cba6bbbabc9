"""Reviews: two editions of the graph side by side, what changed in the content and what changes for residents."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from service.analysis import comparison
from service.analysis.comparison import Comparison
from service.caching import PROCESS, Part
from service.content import patches
from service.content.models import Content, Edition
from service.content.patches import Items
from service.diff_text import differences
from service.diff_text.differences import ItemDifference
from service.editions import contents
from service.store import editions
from service.store.graph import Graph


@dataclass(frozen=True, slots=True)
class Review:
    """Two editions compared: item by item, and over all households of each life event."""

    old: Edition
    new: Edition
    content: tuple[ItemDifference, ...]
    residents: Comparison

    @property
    def same(self) -> bool:
        """Whether the two say the same in every item."""
        return not self.content


class Reviewer:
    """Compares editions, and keeps the last reviews by the hashes of both: those never change."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._compared: Part[tuple[str, str], tuple[tuple[ItemDifference, ...], Comparison]] = PROCESS.part(
            lambda found: 20_000 + 4_000 * len(found[0])
        )

    async def review(self, old: int, new: int) -> Review:
        """Two editions by number, whatever their states. Errors: NotFound, Unavailable."""
        reads = self._graph.latest
        before, after = await editions.numbered(reads, old), await editions.numbered(reads, new)
        content, residents = await self._compared.fetch(
            (before.content_hash or "", after.content_hash or ""), lambda: self._compare(before, after)
        )
        return Review(before, after, content, residents)

    async def content(self, edition: Edition) -> tuple[Content, Items]:
        """The content of an edition and its items by key, out of the graph or the archive."""
        snapshot = await contents.of_edition(self._graph.latest, edition)
        return snapshot.content, snapshot.items

    async def names(self, *of: Edition) -> dict[str, str]:
        """What the items of these editions are called, as `differences.names`; where they differ, the last counts."""
        return differences.names(*[(await self.content(edition))[1] for edition in of])

    async def _compare(self, before: Edition, after: Edition) -> tuple[tuple[ItemDifference, ...], Comparison]:
        old, old_items = await self.content(before)
        new, new_items = await self.content(after)
        content = differences.differences(
            patches.between(old_items, new_items), differences.names(old_items, new_items)
        )
        return tuple(content), await asyncio.to_thread(comparison.compare, old, new)
