"""Items in conflict as plain data for pages: what it was, what either side made of it, and whose version counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.content import registry
from service.content.patches import Item, Patch
from service.diff_text.differences import FieldDifference, differences
from service.editions.drafts import InConflict
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
    chosen: dict[str, Side] = {}
    for name, value in fields:
        if name.startswith(DECIDED) and value in {"mine", "theirs"}:
            chosen[name.removeprefix(DECIDED)] = "mine" if value == "mine" else "theirs"
    return chosen


def sides(
    conflicts: Sequence[Conflict],
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
            key=conflict.key,
            decision=f"{prefix}{conflict.key}",
            kind=registry.name_of(conflict.kind),
            name=names.get(conflict.key, conflict.key),
            in_mine=conflict.mine is not None,
            in_theirs=conflict.theirs is not None,
            fields=_differences(conflict, names),
            chosen=(chosen or {}).get(f"{prefix}{conflict.key}", ""),
        )
        for conflict in conflicts
    )


def with_scheduled(
    conflict: InConflict | None, *, names: Mapping[str, str], chosen: Mapping[str, Side] | None
) -> tuple[Sides, ...]:
    """The conflicts with a scheduled edition for which something was refused, if it was; as `sides`."""
    if conflict is None:
        return ()
    return sides(conflict.conflicts, names=names, chosen=chosen, scheduled=conflict.number)


def elsewhere(chosen: Mapping[str, Side] | None, shown: Sequence[Sides]) -> dict[str, Side]:
    """What was decided of other items or editions than those that are shown: it goes along with the form."""
    names = {side.decision for side in shown}
    return {name: side for name, side in (chosen or {}).items() if name not in names}


def _differences(conflict: Conflict, names: Mapping[str, str]) -> tuple[Difference, ...]:
    """Field by field what either side did; nothing is told of an item that a side removed."""
    mine, theirs = _fields(conflict.base, conflict.mine, names), _fields(conflict.base, conflict.theirs, names)
    told = []
    for path in dict.fromkeys([*mine, *theirs]):
        either = mine.get(path) or theirs[path]
        told.append(Difference(either.label, either.before, mine.get(path), theirs.get(path)))
    return tuple(told)


def _fields(base: Item | None, side: Item | None, names: Mapping[str, str]) -> dict[str, FieldDifference]:
    if side is None:
        return {}
    changed = differences(Patch({base.key: base} if base else {}, {side.key: side}), names)
    return {field.field: field for item in changed for field in item.fields}
