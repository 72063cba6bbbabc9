"""Items in conflict as plain data for pages: what it was, what either side made of it, and whose version counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.content import registry
from service.content.patches import Item, Patch
from service.diff_text.differences import FieldDifference, differences
from service.editions.merging import Conflict, Side

DECIDED = "decide-"
"""What the names of the choices in a form begin with; the key of the item follows."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field on three sides: what it was, and what either side made of it (None: left as it was)."""

    label: str
    base: str | None
    mine: FieldDifference | None
    theirs: FieldDifference | None


@dataclass(frozen=True, slots=True)
class Sides:
    """An item that both sides touched; a side without it has removed it. `chosen` is the side that was decided on.

    `decision` names it in the form: the key, behind the number of the scheduled edition where it is one's (`N/KEY`).
    """

    key: str
    decision: str
    kind: str
    name: str
    in_mine: bool
    in_theirs: bool
    fields: tuple[Difference, ...]
    chosen: str


def decided(fields: Iterable[tuple[str, str]]) -> dict[str, Side]:
    """Which side counts, by key of the item, as a form says it."""
    made: dict[str, Side] = {}
    for name, value in fields:
        if name.startswith(DECIDED) and value in {"mine", "theirs"}:
            made[name.removeprefix(DECIDED)] = "mine" if value == "mine" else "theirs"
    return made


def sides(
    found: Sequence[Conflict],
    *,
    names: Mapping[str, str],
    chosen: Mapping[str, Side] | None = None,
    scheduled: int | None = None,
) -> tuple[Sides, ...]:
    """The conflicts (with a scheduled edition by its number), each with the side that was chosen.

    `names` as `differences.names`.
    """
    prefix = f"{scheduled}/" if scheduled is not None else ""
    return tuple(
        Sides(
            key=one.key,
            decision=f"{prefix}{one.key}",
            kind=registry.name_of(one.kind),
            name=names.get(one.key, one.key),
            in_mine=one.mine is not None,
            in_theirs=one.theirs is not None,
            fields=_differences(one, names),
            chosen=(chosen or {}).get(f"{prefix}{one.key}", ""),
        )
        for one in found
    )


def elsewhere(chosen: Mapping[str, Side] | None, shown: Sequence[Sides]) -> dict[str, Side]:
    """What was decided of other items or editions than those that are shown: it goes along with the form."""
    names = {side.decision for side in shown}
    return {name: side for name, side in (chosen or {}).items() if name not in names}


def _differences(one: Conflict, names: Mapping[str, str]) -> tuple[Difference, ...]:
    """Field by field what either side did; nothing is told of an item that a side removed."""
    mine, theirs = _fields(one.base, one.mine, names), _fields(one.base, one.theirs, names)
    made = []
    for path in dict.fromkeys([*mine, *theirs]):
        known = mine.get(path) or theirs[path]
        made.append(Difference(known.label, known.before, mine.get(path), theirs.get(path)))
    return tuple(made)


def _fields(base: Item | None, side: Item | None, names: Mapping[str, str]) -> dict[str, FieldDifference]:
    if side is None:
        return {}
    found = differences(Patch({base.key: base} if base else {}, {side.key: side}), names)
    return {field.field: field for item in found for field in item.fields}
