"""Trials: what a change that nobody has saved yet would mean for residents, against what they see today."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from service.analysis import comparison
from service.analysis.bdd import options_of, question_of, relevant, rows
from service.analysis.comparison import Comparison
from service.content.loading import read_plain
from service.content.models import Content, Edition
from service.content.patches import Item
from service.content.snapshot import Snapshot, Unsound
from service.diff_text import differences
from service.editions import contents, edits
from service.store import editions
from service.store.graph import Graph

STEPS = 60_000
"""The work for one life event, about a quarter of a second: who types waits for it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A draft as it would be after a change, compared with the live edition under the life events that the change
    touches; `live` is None where nothing is live, and then nothing is compared.

    `put` are the items that the change puts there, with their keys; `names` as `differences.names`, of both sides.
    """

    put: tuple[Item, ...]
    live: Edition | None
    before: Content | None
    content: Content
    comparison: Comparison
    names: Mapping[str, str]


async def trial(graph: Graph, number: int, *, put: Sequence[Item], remove: Collection[str] = ()) -> Trial:
    """What would come of a save, which is not done.

    Errors: NotFound, Archived, InvalidContent for what no draft may hold.
    """
    put = [edits.well_formed(item) for item in put]
    draft = await contents.in_graph(graph.latest, number)
    live = await editions.live(graph.latest)
    before = await contents.of_edition(graph.latest, live) if live else None
    items = {key: item for key, item in draft.items.items() if key not in remove} | {item.key: item for item in put}
    try:
        after, _ = await asyncio.to_thread(draft.changed_to, items)
    except Unsound as error:
        await asyncio.to_thread(read_plain, error.document)
        raise
    touched = {item.key for item in put} | set(remove)
    compared, names = await asyncio.to_thread(_compared, before, after, touched)
    return Trial(tuple(put), live, before.content if before else None, after.content, compared, names)


def _compared(
    before: Snapshot | None, after: Snapshot, touched: Collection[str]
) -> tuple[Comparison, Mapping[str, str]]:
    if before is None:
        return Comparison((), ()), differences.names(after.items)
    concerned = concerns(before.content, touched) | concerns(after.content, touched)
    ordered = sorted(after.content.life_events, key=lambda event: (event.position, event.key))
    keys = [event.key for event in ordered if event.key in concerned]
    keys += sorted(concerned.difference(keys))
    compared = tuple(
        comparison.compare_events(before.content, after.content, events=(key,), steps=STEPS) for key in keys
    )
    return Comparison(compared, ()), differences.names(before.items, after.items)


def concerns(content: Content, keys: Collection[str]) -> set[str]:
    """The life events for whose households one of these items decides what they are asked, or what is listed."""
    own_documents = {procedure.key: procedure.needs or () for procedure in content.procedures}
    made = set()
    for event in content.life_events:
        looked_at = {event.key, *relevant(content, [event.key])}
        for row in rows(content, [event.key]):
            looked_at |= {row.key, *row.selects, *row.needs, *map(question_of, options_of(row))}
            looked_at |= {document for procedure in row.selects for document in own_documents[procedure]}
        if not looked_at.isdisjoint(keys):
            made.add(event.key)
    return made
