"""Drawings of items and what binds them: boxes in columns, lines from left to right, made into SVG by a template.

The columns are known (how many steps an item is from the middle), so nothing is left of drawing a graph but the order
inside the columns and their heights (`ops/decisions/040-drawings-of-our-own.md`). Lengths are in CSS pixels.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from service.editions.surroundings import Mark

EM = 14
SMALL_EM = 12
LINE = 19
PADDING = 10
MARGIN = 8
GAP = 12
BETWEEN_COLUMNS = 72
LINE_EMS = 11
HANGING = 2
MOST_LINES = 4
SWEEPS = 6
NO_LINE_END = "（「『【［〈《"
NO_LINE_START = frozenset("、。，．）」』】〉》・ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々")


@dataclass(frozen=True, slots=True)
class Box:
    """What is drawn in a column: its `id`, the name of its kind, its own, and where it leads.

    `style` is a class of the style sheet, `mark` what became of it. `is_focus`: drawn with a thick border. `is_on`: on
    the way that was asked for (None: none was).
    """

    id: str
    column: int
    kind: str
    name: str
    href: str
    style: str
    mark: Mark | None = None
    is_focus: bool = False
    is_on: bool | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line between two boxes; a dashed one leads on for those to whom what it begins at does not belong."""

    start: str
    end: str
    mark: Mark | None = None
    is_dashed: bool = False
    is_on: bool | None = None


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box with its place: the left upper corner, and its name in lines with the height of each."""

    box: Box
    x: float
    y: float
    width: float
    height: float
    lines: tuple[tuple[float, str], ...]

    @property
    def middle(self) -> float:
        """How far down its middle is."""
        return self.y + self.height / 2

    @property
    def centre(self) -> float:
        """How far to the right its middle is."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line with its path as SVG writes it, and the corners of its head."""

    line: Line
    path: str
    head: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that is drawn, and how large that is."""

    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    lines: tuple[PlacedLine, ...]

    @property
    def has_dashed(self) -> bool:
        """Whether a line is dashed."""
        return any(one.line.is_dashed for one in self.lines)


def drawing(boxes: Sequence[Box], lines: Iterable[Line]) -> Drawing:
    """The boxes and the lines between them in their places; lines to boxes that are not there are left out."""
    known = {box.id: box for box in boxes}
    kept = [line for line in lines if line.start in known and line.end in known and line.start != line.end]
    columns = _in_order(boxes, kept)
    sizes = {box.id: _size(box) for box in boxes}
    tops = _tops(columns, kept, {key: height for key, (_, height, _) in sizes.items()})
    lowest = min(tops.values(), default=0)
    placed: dict[str, PlacedBox] = {}
    left = float(MARGIN)
    for column in columns:
        width = max(sizes[key][0] for key in column)
        for key in column:
            placed[key] = _placed(known[key], left, tops[key] - lowest + MARGIN, width, sizes[key])
        left += width + BETWEEN_COLUMNS
    bottom = max((one.y + one.height for one in placed.values()), default=0.0)
    return Drawing(
        width=round(left - BETWEEN_COLUMNS + MARGIN + (GAP * 3 if _has_loops(kept, known) else 0)),
        height=round(bottom + MARGIN),
        boxes=tuple(placed[key] for column in columns for key in column),
        lines=tuple(_line(line, placed[line.start], placed[line.end]) for line in kept),
    )


def _has_loops(lines: Iterable[Line], known: Mapping[str, Box]) -> bool:
    return any(known[line.start].column >= known[line.end].column for line in lines)


def _in_order(boxes: Sequence[Box], lines: Sequence[Line]) -> list[list[str]]:
    """The columns from left to right, each ordered so that few lines cross: a box stands where those it hangs together
    with stand on average, looked at from the left and from the right in turn."""
    columns = [[box.id for box in boxes if box.column == column] for column in sorted({box.column for box in boxes})]
    beside = _beside(lines)
    for sweep in range(SWEEPS):
        ordered = columns if sweep % 2 else columns[::-1]
        place = {key: index / max(1, len(column)) for column in columns for index, key in enumerate(column)}
        for column in ordered:
            own = {key: _mean([place[other] for other in beside.get(key, ())], place[key]) for key in column}
            column.sort(key=own.__getitem__)
            place |= {key: index / max(1, len(column)) for index, key in enumerate(column)}
    return columns


def _beside(lines: Iterable[Line]) -> dict[str, list[str]]:
    beside: dict[str, list[str]] = {}
    for line in lines:
        beside.setdefault(line.start, []).append(line.end)
        beside.setdefault(line.end, []).append(line.start)
    return beside


def _mean(values: Sequence[float], otherwise: float) -> float:
    return fmean(values) if values else otherwise


def _tops(columns: Sequence[Sequence[str]], lines: Sequence[Line], heights: Mapping[str, float]) -> dict[str, float]:
    """How far down each box begins: the longest column closely packed, every other one beside what it hangs together
    with, as near as its order allows."""
    tops: dict[str, float] = {}
    beside = _beside(lines)

    def length(column: Sequence[str]) -> float:
        return sum(heights[key] + GAP for key in column)

    longest = max(columns, key=length, default=[])
    begin = columns.index(longest) if longest else 0
    down = 0.0
    for key in longest:
        tops[key] = down
        down += heights[key] + GAP
    others = sorted((index for index in range(len(columns)) if index != begin), key=lambda index: abs(index - begin))
    for index in others:
        middles = {key: tops[key] + heights[key] / 2 for key in tops}
        wanted = [
            _mean([middles[other] for other in beside.get(key, ()) if other in middles], down / 2) - heights[key] / 2
            for key in columns[index]
        ]
        tops |= dict(zip(columns[index], _apart(wanted, [heights[key] + GAP for key in columns[index]]), strict=True))
    return tops


def _apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Where boxes begin that stand one below the other without touching, as near as may be to where each should.

    Those that would overlap are joined to blocks, each placed at the mean of what its members want.
    """
    blocks: list[tuple[float, float, list[float]]] = []  # where it begins, its height, what its members want of it
    for want, height in zip(wanted, heights, strict=True):
        start, size, wants = want, height, [want]
        while blocks and blocks[-1][0] + blocks[-1][1] > start:
            _, above, above_wants = blocks.pop()
            wants = [*above_wants, *(one - above for one in wants)]
            size += above
            start = fmean(wants)
        blocks.append((start, size, wants))
    tops: list[float] = []
    for start, _, wants in blocks:
        down = start
        for height in heights[len(tops) : len(tops) + len(wants)]:
            tops.append(down)
            down += height
    return tops


def _size(box: Box) -> tuple[float, float, list[str]]:
    lines = wrapped(box.name)
    width = max([_ems(line) * EM for line in lines] + [_ems(box.kind) * SMALL_EM + (5 * SMALL_EM if box.mark else 0)])
    return width + 2 * PADDING, LINE * (len(lines) + 1) + PADDING, lines


def _placed(box: Box, x: float, y: float, width: float, size: tuple[float, float, list[str]]) -> PlacedBox:
    _, height, lines = size
    first = y + PADDING / 2 + LINE * 1.75
    return PlacedBox(
        box,
        round(x, 1),
        round(y, 1),
        round(width, 1),
        round(height, 1),
        tuple((round(first + LINE * index, 1), line) for index, line in enumerate(lines)),
    )


def _line(line: Line, start: PlacedBox, end: PlacedBox) -> PlacedLine:
    """From the right side of one to the left side of the other; round the right side where that is not to the right."""
    if start.x < end.x:
        x1, y1, x2, y2, bend = start.x + start.width, start.middle, end.x - 7, end.middle, BETWEEN_COLUMNS * 0.55
        path = f"M{x1:g},{y1:g}C{x1 + bend:g},{y1:g} {x2 - bend:g},{y2:g} {x2:g},{y2:g}"
        return PlacedLine(line, path, f"{x2:g},{y2 - 4:g} {x2 + 7:g},{y2:g} {x2:g},{y2 + 4:g}")
    x1, y1, x2, y2 = start.x + start.width, start.middle, end.x + end.width + 7, end.middle
    bend = max(x1, x2) + GAP * 3
    path = f"M{x1:g},{y1:g}C{bend:g},{y1:g} {bend:g},{y2:g} {x2:g},{y2:g}"
    return PlacedLine(line, path, f"{x2:g},{y2 - 4:g} {x2 - 7:g},{y2:g} {x2:g},{y2 + 4:g}")


def _ems(text: str) -> float:
    """How wide a text is, in the width of a Japanese letter."""
    return sum(1.0 if unicodedata.east_asian_width(letter) in "WFA" else 0.6 for letter in text)


def wrapped(text: str, *, ems: float = LINE_EMS, most: int = MOST_LINES) -> list[str]:
    """The text in lines of that width; what does not fit ends with an ellipsis (the list beside it has the whole)."""
    lines = [""]
    for letter in " ".join(text.split()):
        is_full = _ems(lines[-1] + letter) > ems
        if is_full and not (letter in NO_LINE_START and _ems(lines[-1]) < ems + HANGING):
            kept = lines[-1].rstrip(NO_LINE_END)
            lines[-1:] = [kept, lines[-1][len(kept) :]]
        lines[-1] += letter
    if len(lines) <= most:
        return [line.strip() for line in lines]
    return [*(line.strip() for line in lines[: most - 1]), lines[most - 1][:-1].strip() + "…"]
