"""What a merge would bring into a draft, and what has to be decided before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.content import patches
from service.content.models import Edition
from service.diff_text import differences
from service.diff_text.differences import ItemDifference
from service.editions import archive, contents, merging
from service.editions.merging import Conflict
from service.store import editions
from service.store.graph import Graph


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What merging `target` into `draft` changes in the draft (as long as conflicts stand as in the draft), and the
    conflicts; `names` as `differences.names`. Without a `target` there is nothing to merge."""

    draft: Edition
    target: Edition | None = None
    content: tuple[ItemDifference, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


async def preview(graph: Graph, number: int, *, onto: int | None = None) -> MergePreview:
    """What bringing the live edition (or `onto`) into a draft would do. Errors: NotFound."""
    reads = graph.latest
    draft = await editions.numbered(reads, number)
    target = await editions.numbered(reads, onto) if onto else await editions.live(reads)
    if target is None or draft.state != "draft" or draft.base == target.number:
        return MergePreview(draft)
    base = await archive.items(graph, draft.base) if draft.base else {}
    mine = (await contents.of_edition(reads, draft)).items
    theirs = (await contents.of_edition(reads, target)).items
    merged = merging.merge(base, mine=mine, theirs=theirs)
    names = differences.names(base, theirs, mine)
    content = differences.differences(patches.between(mine, merged.items), names)
    return MergePreview(draft, target, tuple(content), merged.conflicts, names)
