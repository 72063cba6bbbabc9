"""An item with what is around it in an edition, and what of that is not so in the live one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from service.content import patches, registry
from service.content.models import Edition
from service.content.patches import Item, Items
from service.editions import contents
from service.errors import NotFound
from service.store import neighbourhood
from service.store.graph import Reads
from service.store.neighbourhood import Group, Neighbour, Neighbourhood, Tie

Mark = Literal["added", "changed", "removed"]
"""What became of an item, or of what binds two, since the live edition."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The neighbourhood of an item with what is gone of it, and marks: of items by key, of ties by both keys (the one
    further from the middle first)."""

    around: Neighbourhood
    items: Mapping[str, Mark] = field(default_factory=dict)
    ties: Mapping[tuple[str, str], Mark] = field(default_factory=dict)


async def surroundings(reads: Reads, edition: Edition, key: str, *, live: Edition | None) -> Surroundings:
    """What is around an item, compared with the live edition. Errors: NotFound, Archived."""
    now = (await contents.in_graph(reads, edition.number)).items
    found = await neighbourhood.around(reads, edition.number, key)
    compared = live is not None and not live.archived and live.content_hash != edition.content_hash
    if live is None or not compared:
        return Surroundings(_there(found, key, edition))
    before = await neighbourhood.around(reads, live.number, key)
    marks = marked_items((await contents.of_edition(reads, live)).items, now)
    return compare(_there(found or before, key, edition), before, is_gone=found is None, marks=marks)


def _there(found: Neighbourhood | None, key: str, edition: Edition) -> Neighbourhood:
    if found is None:
        raise NotFound(f"「{key[:100]}」は、第{edition.number}版にありません。", where="/key")
    return found


def marked_items(before: Items, now: Items) -> dict[str, Mark]:
    """What became of each item that is not as before, by key; of what stands inside items too."""
    patch = patches.between(before, now)
    marks: dict[str, Mark] = {}
    for key in patch.keys:
        marks |= _marks(dict(_parts(patch.before.get(key))), dict(_parts(patch.after.get(key))))
    return marks


def _parts(item: Item | None) -> Iterator[tuple[str, object]]:
    """An item and what stands inside it, by key."""
    if item is None:
        return
    yield item.key, item
    owned = registry.kind(item.kind).owned
    for one in item.fields.get(owned.name, ()) if owned else ():
        yield one["key"], one


def _marks(before: Mapping[str, object], now: Mapping[str, object]) -> Iterator[tuple[str, Mark]]:
    for key in sorted({*before, *now}):
        if before.get(key) != now.get(key):
            yield key, "added" if key not in before else "removed" if key not in now else "changed"


def compare(
    now: Neighbourhood, before: Neighbourhood | None, *, marks: Mapping[str, Mark], is_gone: bool = False
) -> Surroundings:
    """The neighbourhood with what it has no more, and marks; `is_gone`: the item itself is there no more.

    Of kinds that are too many to be read nothing is compared: which of them were read says nothing of the rest.
    """
    if is_gone:
        ties: dict[tuple[str, str], Mark] = dict.fromkeys(_ties(now.groups), "removed")
        return Surroundings(now, marks, ties)
    earlier = {(group.step, group.kind): group for group in before.groups} if before else {}
    groups: list[Group] = []
    ties = {}
    for group in [*now.groups, *(Group(*place, 0, ()) for place in earlier if now.group(*place) is None)]:
        old = earlier.get((group.step, group.kind)) or Group(group.step, group.kind, 0, ())
        if _is_cut(group) or _is_cut(old):
            groups.append(group)
            continue
        had, has = set(_ties([old])), set(_ties([group]))
        ties.update(dict.fromkeys(has - had, "added"))
        ties.update(dict.fromkeys(had - has, "removed"))
        groups.append(_united(group, old))
    return Surroundings(replace(now, groups=tuple(groups)), marks, ties)


def _is_cut(group: Group) -> bool:
    return group.total > len(group.neighbours)


def _ties(groups: Iterable[Group]) -> Iterator[tuple[str, str]]:
    for group in groups:
        for one in group.neighbours:
            for tie in one.ties:
                yield one.key, tie.other


def _united(group: Group, old: Group) -> Group:
    """The group with the neighbours and ties that only the old one has."""
    there = {one.key: one for one in group.neighbours}
    for one in old.neighbours:
        there[one.key] = replace(there[one.key], ties=_joined(there[one.key], one)) if one.key in there else one
    ordered = tuple(there[key] for key in sorted(there))
    return replace(group, total=len(ordered), neighbours=ordered)


def _joined(now: Neighbour, old: Neighbour) -> tuple[Tie, ...]:
    others = {tie.other for tie in now.ties}
    return (*now.ties, *(tie for tie in old.ties if tie.other not in others))
