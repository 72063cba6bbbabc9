"""The way that residents take through the items, from what they are asked to what they have to do: which edges of the
graph lead on along it, read from what the registry says of references."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.content import registry
from service.content.fields import Shape
from service.content.models import Kind

MENTIONS = "MENTIONS"
MENTIONED = "文の中の言葉"
"""Edges that stand in no field: they are made from the words of texts."""

CHANGED_BY_EDGE: frozenset[Shape] = frozenset({"item", "items", "sequence", "clauses"})
"""Shapes of fields that one edge can be added to and taken from."""


@dataclass(frozen=True, slots=True)
class Link:
    """A type of edges between items of two kinds, `label` the field that it stands for.

    Residents come to `before` first and then to `after`; `against` says that the edge points the other way. `owned`:
    what comes after stands inside what comes before. `field` is the name of the field where it can be changed edge by
    edge ('' elsewhere); the item that comes after has it where it is `held_after`, the other one otherwise. `negated`:
    it leads on for those to whom what comes before does not belong.
    """

    edge: str
    before: str
    after: str
    label: str
    against: bool = False
    owned: bool = False
    field: str = ""
    held_after: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """All links between kinds that are drawn."""

    links: tuple[Link, ...]

    @property
    def along(self) -> list[str]:
        """The types of the edges that lead on from their start."""
        return sorted({link.edge for link in self.links if not link.against})

    @property
    def against(self) -> list[str]:
        """The types of the edges that lead on from their end."""
        return sorted({link.edge for link in self.links if link.against})

    @property
    def owning(self) -> list[str]:
        """The types of the edges that lead to what stands inside an item."""
        return sorted({link.edge for link in self.links if link.owned})

    def link(self, edge: str, *, before: str, after: str) -> Link:
        """The link that an edge of that type between items of these kinds is of. Errors: KeyError."""
        for link in self.links:
            if (link.edge, link.before, link.after) == (edge, before, after):
                return link
        raise KeyError(edge)

    def is_first(self, kind: str) -> bool:
        """Whether residents begin with items of the kind: nothing else leads to them."""
        return not any(link.after == kind and link.before != kind for link in self.links)

    def steps_on(self, kind: str) -> int:
        """How many steps a drawing goes on from an item of the kind: two where nothing leads to it, and where what
        stands inside it leads on; else one."""
        owns = any(link.owned and link.before == kind for link in self.links)
        return 2 if owns or self.is_first(kind) else 1


def flow() -> Flow:
    """The links of the registry in force."""
    return Flow(tuple(_links()))


def _links() -> Iterator[Link]:
    drawn = {label: kind for label, kind in registry.current().kinds.items() if kind.about.drawn}
    for label, kind in drawn.items():
        for entry in kind.fields.values():
            if entry.owned and kind.owned_model:
                yield Link(entry.owned.edge, label, kind.owned_model.about.label, entry.label, owned=True)
            reference = entry.reference
            if reference is None or reference.kind not in drawn:
                continue
            field = entry.name if entry.shape in CHANGED_BY_EDGE else ""
            for edge in reference.edges:
                ends = (reference.kind, label) if reference.earlier else (label, reference.kind)
                against = reference.earlier != reference.incoming
                yield Link(
                    edge,
                    *ends,
                    entry.label,
                    against,
                    field=field,
                    held_after=reference.earlier,
                    negated=reference.negated,
                )
        if any(entry.mentions for entry in kind.fields.values()):
            yield Link(MENTIONS, label, Kind.TERM, MENTIONED)
