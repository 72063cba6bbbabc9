"""An amended law brought into a draft: old law, new law, draft, field by field (ops/design/editions.md, "Layers").

What the city changed stays, what only the law changed comes, and what both changed is a conflict, which a person
decides as in a merge.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from service.accounts.permissions import Actor
from service.content import patches, references
from service.content.amendment import amended
from service.content.canonical import content_hash
from service.content.models import Content, Edition
from service.content.patches import Item, Items
from service.diff_text import differences
from service.diff_text.differences import ItemDifference
from service.editions import contents, edits, layering
from service.editions.drafts import Undecided
from service.editions.edits import Draft, Saved
from service.editions.history import Facts
from service.editions.merging import Conflict, Merged, Side
from service.errors import Refused
from service.store import editions, layers
from service.store.graph import Graph, Reads, Transaction


@dataclass(frozen=True, slots=True)
class UpdatePreview:
    """What a law in place of the one beneath an edition changes in it, as long as conflicts stand as in the edition.

    `names` as `differences.names`; `is_new`: the edition does not lie on that law yet.
    """

    edition: Edition
    is_new: bool
    content: tuple[ItemDifference, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


class LawInConflict(Undecided):
    """The other side is an amended law."""

    def __init__(self, conflicts: tuple[Conflict, ...]) -> None:
        super().__init__("新しい全国の内容", conflicts)


async def preview(graph: Graph, number: int, law: Content, *, old: Content | None = None) -> UpdatePreview:
    """What a law would do to an edition; `old` is what lies beneath that, if it is not known.

    Errors: NotFound, Refused where it is neither known nor given, or where the new law lacks what the city still needs.
    """
    reads = graph.latest
    edition = await editions.numbered(reads, number)
    if edition.beneath == await asyncio.to_thread(content_hash, law):
        return UpdatePreview(edition, is_new=False)
    before, after = await _before(reads, edition, old), await asyncio.to_thread(patches.items, law)
    own = (await contents.of_edition(reads, edition)).items
    merged = await asyncio.to_thread(merge, before, after, own)
    names = differences.names(before, after, own)
    content = differences.differences(patches.between(own, merged.items), names)
    return UpdatePreview(edition, is_new=True, content=tuple(content), conflicts=merged.conflicts, names=names)


async def update(
    graph: Graph,
    number: int,
    law: Content,
    *,
    old: Content | None = None,
    decided: Mapping[str, Side] | None = None,
    by: Actor,
    note: str | None = None,
) -> Saved:
    """Puts a law in place of the one beneath a draft; `old` is what lies beneath it, if that is not known.

    Errors: LawInConflict (with both sides) until each conflict is decided, Refused, InvalidContent where the result is
    not sound, NotFound, Forbidden.
    """
    draft = await edits.opened(graph.latest, number)
    before, after = await _before(graph.latest, draft, old), await asyncio.to_thread(patches.items, law)
    layer = await layering.packed(law)
    decisions: dict[str, Side] = {}

    async def make(transaction: Transaction, draft_now: Draft) -> Items:
        if draft_now.edition.beneath != draft.beneath:
            raise Refused(f"第{number}版は、いまほかの人が全国の内容を取り入れました。開き直してください。")
        merged = await asyncio.to_thread(merge, before, after, draft_now.items, decided)
        if merged.conflicts:
            raise LawInConflict(merged.conflicts)
        await layers.keep(transaction, layer)
        decisions.clear()
        decisions.update(merged.decisions)
        return merged.items

    return await edits.write(
        graph,
        number,
        by=by,
        action="update",
        make=make,
        beneath=layer.hash,
        note=note,
        facts=Facts(decisions=decisions),
    )


async def _before(reads: Reads, edition: Edition, old: Content | None) -> Items:
    """What lies beneath an edition. Errors: Refused where nobody knows."""
    beneath = patches.items(old) if old else await layering.beneath(reads, edition)
    if beneath is None:
        raise Refused(
            f"第{edition.number}版がどの全国の内容に重なっているかは、記録されていません。"
            "もとにした全国の内容を、一緒に示してください。",
            where="/old",
        )
    return beneath


def merge(old: Items, new: Items, own: Items, decided: Mapping[str, Side] | None = None) -> Merged:
    """The items with the new law in place of the old one; those in conflict stand as in `own` until they are decided.

    What refers to items that are gone then does so no more. Errors: Refused where that would empty a rule.
    """
    items: dict[str, Item] = {}
    conflicts: list[Conflict] = []
    decisions: dict[str, Side] = {}
    for key, three in amended(old, new, own).items():
        side = None if three.is_settled else (decided or {}).get(key)
        taken = three.theirs if side == "theirs" else three.mine
        if side is not None:
            decisions[key] = side
        elif not three.is_settled:
            kind = next(item.kind for item in (three.mine, three.theirs, three.base) if item)
            conflicts.append(Conflict(key, kind, three.base, three.mine, three.theirs))
        if taken is not None:
            items[key] = taken
    return Merged(_without_what_is_gone(own, items), tuple(conflicts), decisions)


def _without_what_is_gone(before: Items, items: dict[str, Item]) -> dict[str, Item]:
    there = {key for item in items.values() for key in references.own_keys(item)}
    gone = {key for item in before.values() for key in references.own_keys(item)} - there
    return items | {item.key: references.detached(item, gone) for item in references.referrers(items, gone)}
