"""What is around an item: what residents come to before and after it, read from the graph by one statement that costs
what is there, however large the edition is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.content import registry
from service.content.flow import Flow, Link, flow
from service.store.graph import Reads, Row

MOST_OF_A_KIND = 60
"""So many of each kind are read, in each direction and step; of more it is only known how many there are."""


@dataclass(frozen=True, slots=True)
class Tie:
    """What binds a neighbour to an item one step nearer to the middle: that item, and in which ways."""

    other: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An item around another one; `owner` is the name of what it stands inside, '' for nothing."""

    key: str
    name: str
    owner: str
    ties: tuple[Tie, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The items of one kind that are so many steps after the middle (before it where `step` is negative).

    `total` is how many there are, counted from those one step nearer that were read.
    """

    step: int
    kind: str
    total: int
    neighbours: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """An item with what is around it: two steps before it, one or two after it (`Flow.steps_on`)."""

    key: str
    kind: str
    name: str
    groups: tuple[Group, ...]

    def group(self, step: int, kind: str) -> Group | None:
        """The group of a step and a kind, if anything is in it."""
        return next((group for group in self.groups if (group.step, group.kind) == (step, kind)), None)


async def around(reads: Reads, edition: int, key: str) -> Neighbourhood | None:
    """The neighbourhood of an item; None where the edition has no item with that key in the graph."""
    links = flow()
    kinds = registry.current().kinds.values()
    named = sorted({name for kind in kinds for name in (kind.about.named_by, kind.about.apart_by) if name})
    row = await reads.one(
        "store/neighbourhood",
        "around",
        edition=edition,
        key=key,
        along=links.along,
        against=links.against,
        owning=links.owning,
        named=named,
        most=MOST_OF_A_KIND,
    )
    return _neighbourhood(row, key, named=named, links=links) if row else None


def _neighbourhood(row: Row, key: str, *, named: Sequence[str], links: Flow) -> Neighbourhood:
    kind = row["kind"]
    kinds = {key: kind} | {
        found["key"]: group["kind"] for part in row["steps"] for group in part["groups"] for found in group["found"]
    }
    owners = {owner["key"]: next(filter(None, owner["names"]), "") for owner in row["owners"]}
    reader = _Reader(key, kinds, named, links, owners)
    near = {key} | {
        found["key"]
        for part in row["steps"]
        for group in part["groups"]
        for found in group["found"]
        if abs(part["step"]) == 1
    }
    groups = [
        reader.group(part["step"], group, without=near if abs(part["step"]) > 1 else set())
        for part in row["steps"]
        for group in part["groups"]
        if part["step"] <= links.steps_on(kind)
    ]
    groups = [group for group in groups if group.total]
    order = list(registry.current().kinds)
    groups.sort(key=lambda group: (abs(group.step), group.step, order.index(group.kind)))
    return Neighbourhood(key, kind, reader.name(kind, row["names"]), tuple(groups))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads neighbours of the item `middle`; `kinds` are those of all that was read, `owners` the names
    of what something stands inside."""

    middle: str
    kinds: dict[str, str]
    named: Sequence[str]
    links: Flow
    owners: dict[str, str]

    def name(self, kind: str, names: Sequence[str | None]) -> str:
        """What an item is called, with what tells it apart from others of its name."""
        found, about = dict(zip(self.named, names, strict=True)), registry.kind(kind).about
        return " ".join(name for name in (found[about.named_by], found.get(about.apart_by)) if name)

    def group(self, step: int, group: Row, *, without: set[str]) -> Group:
        """The group without the items that stand nearer to the middle as well."""
        found = [one for one in group["found"] if one["key"] not in without]
        total = group["total"] - len(group["found"]) + len(found)
        return Group(step, group["kind"], total, tuple(self.neighbour(one, step) for one in found))

    def neighbour(self, found: Row, step: int) -> Neighbour:
        ties = found["ties"] or [{"other": self.middle, "types": found["types"]}]
        return Neighbour(
            key=found["key"],
            name=self.name(self.kinds[found["key"]], found["names"]),
            owner=self.owners.get(found["key"], ""),
            ties=tuple(self._tie(found["key"], tie, is_before=step < 0) for tie in ties),
        )

    def _tie(self, key: str, tie: Row, *, is_before: bool) -> Tie:
        kind, other = self.kinds[key], self.kinds[tie["other"]]
        before, after = (kind, other) if is_before else (other, kind)
        return Tie(
            tie["other"],
            tuple(self.links.link(edge, before=before, after=after) for edge in sorted(tie["types"])),
        )
