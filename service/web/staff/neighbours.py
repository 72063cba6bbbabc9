"""What of an item's surroundings is drawn, and all of it as a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.content import registry
from service.editions.surroundings import Mark, Surroundings
from service.store.neighbourhood import Group, Neighbour
from service.web.staff.drawing import Box, Drawing, Line, drawing

MOST_BOXES = 40
MOST_OF_A_KIND = 8
"""A longer column is no longer taken in at a glance."""
LIST = "#list"


@dataclass(frozen=True, slots=True)
class Edge:
    """What binds two items and can be undone: the item that has the field (`holder`), the field and its label, the item
    that is named there."""

    holder: str
    field: str
    label: str
    end: str


@dataclass(frozen=True, slots=True)
class Row:
    """An item of the list: `ties` are the fields by which it is bound to others (None: to the middle), by their names,
    `mark` what became of it and `tie_mark` of what binds it to the middle. `edges` bind it to the middle now."""

    key: str
    name: str
    kind: str
    ties: Sequence[tuple[str | None, str]]
    mark: Mark | None
    tie_mark: Mark | None
    edges: Sequence[Edge] = ()

    @property
    def item(self) -> str:
        """The key of the item whose page it has."""
        return self.key.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one kind and step; `more` are left out."""

    step: int
    kind: str
    rows: Sequence[Row]
    more: int


def listed(found: Surroundings) -> list[Rows]:
    """All that was read of what is around an item, by step and kind."""
    names = _names(found)
    return [
        Rows(
            group.step,
            registry.name_of(group.kind),
            [_row(found, group, one, names) for one in group.neighbours],
            group.total - len(group.neighbours),
        )
        for group in found.around.groups
    ]


def _names(found: Surroundings) -> dict[str, str]:
    """What the items around are called, by key."""
    around = found.around
    return {around.key: around.name} | {
        one.key: _said(one, around.key) for group in around.groups for one in group.neighbours
    }


def _said(one: Neighbour, middle: str) -> str:
    """The name of a neighbour: of what stands inside another item after the name of that, if that is not the middle."""
    is_inside_another = one.owner and not one.key.startswith(f"{middle}/")
    return f"{one.owner} → {one.name}" if is_inside_another else one.name


def _row(found: Surroundings, group: Group, one: Neighbour, names: Mapping[str, str]) -> Row:
    middle = found.around.key
    ties = [
        (None if tie.other == middle else names.get(tie.other, tie.other), "・".join(link.label for link in tie.links))
        for tie in one.ties
    ]
    mark, tie_mark = found.items.get(one.key), found.ties.get((one.key, middle))
    edges = [] if tie_mark == "removed" else list(_edges(group.step, one, middle))
    shown = None if mark in {"added", "removed"} else tie_mark
    return Row(one.key, names[one.key], registry.name_of(group.kind), ties, mark, shown, edges)


def _edges(step: int, one: Neighbour, middle: str) -> Iterator[Edge]:
    for tie in one.ties:
        for link in tie.links:
            if tie.other == middle and link.field:
                before, after = (one.key, middle) if step < 0 else (middle, one.key)
                holder, end = (after, before) if link.held_after else (before, after)
                yield Edge(holder, link.field, link.label, end)


def drawn(found: Surroundings, at: str, *, most: int = MOST_BOXES) -> Drawing:
    """The item in the middle with what is around it, each leading to its own drawing under the address `at`.

    At most so many boxes: of what is one step away each kind gets as much room as another, up to `MOST_OF_A_KIND`; of
    what is two steps away a kind is drawn as a whole or not at all. What is left out is one box, 「ほか N 件」.
    """
    around = found.around
    middle = Box(
        around.key,
        0,
        registry.name_of(around.kind),
        around.name,
        f"{at}/{around.key.partition('/')[0]}",
        _style(around.kind),
        mark=found.items.get(around.key),
        is_focus=True,
    )
    boxes, lines = [middle], list[Line]()
    chosen = dict(_chosen(around.groups, most - 1))
    for group in around.groups:
        shown = chosen[group.step, group.kind]
        kind, style = registry.name_of(group.kind), _style(group.kind)
        boxes += [
            Box(
                _id(group.step, one.key),
                group.step,
                kind,
                _said(one, around.key),
                f"{at}/{one.key.partition('/')[0]}",
                style,
                mark=found.items.get(one.key),
            )
            for one in shown
        ]
        lines += _lines(found, group.step, shown)
        left = group.total - len(shown)
        if left and not (abs(group.step) > 1 and _is_unsure(around.groups, group.step)):
            rest = Box(_id(group.step, f"more {group.kind}"), group.step, kind, f"ほか{left}件", LIST, f"{style} more")
            nearer = around.key if abs(group.step) == 1 else None
            boxes.append(rest)
            lines += [_leading(group.step, rest.id, nearer, None)] if nearer else []
    return drawing(boxes, lines)


def _style(kind: str) -> str:
    return f"kind-{kind.lower()}"


def _id(step: int, key: str) -> str:
    return f"{step} {key}"


def _is_unsure(groups: Iterable[Group], step: int) -> bool:
    """Whether not all was read of what is one step nearer, so that nobody knows how much there is at this one."""
    nearer = step // abs(step)
    return any(group.step == nearer and group.total > len(group.neighbours) for group in groups)


def _chosen(groups: Sequence[Group], room: int) -> Iterator[tuple[tuple[int, str], Sequence[Neighbour]]]:
    near = sorted((group for group in groups if abs(group.step) == 1), key=lambda group: group.total)
    cut: set[int] = set()
    for index, group in enumerate(near):
        share = min(room // (len(near) - index), MOST_OF_A_KIND)
        shown = group.neighbours[:share] if group.total > share else group.neighbours
        room -= len(shown)
        cut |= {group.step} if len(shown) < group.total else set()
        yield (group.step, group.kind), shown
    for group in sorted((group for group in groups if abs(group.step) > 1), key=lambda group: group.total):
        is_whole = group.step // abs(group.step) not in cut and group.total == len(group.neighbours)
        fits = is_whole and group.total <= room
        room -= group.total if fits else 0
        yield (group.step, group.kind), group.neighbours if fits else ()


def _lines(found: Surroundings, step: int, shown: Iterable[Neighbour]) -> Iterator[Line]:
    middle = found.around.key
    for one in shown:
        for tie in one.ties:
            nearer = tie.other if tie.other == middle else _id(step // abs(step), tie.other)
            is_negated = all(link.negated for link in tie.links)
            mark = found.ties.get((one.key, tie.other))
            yield _leading(step, _id(step, one.key), nearer, mark, is_dashed=is_negated)


def _leading(step: int, further: str, nearer: str, mark: Mark | None, *, is_dashed: bool = False) -> Line:
    """The line between an item and the one that is a step nearer to the middle, from what comes first."""
    start, end = (further, nearer) if step < 0 else (nearer, further)
    return Line(start, end, mark, is_dashed=is_dashed)
